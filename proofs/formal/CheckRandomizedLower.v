(** * CheckRandomizedLower: a checker of certificates that every randomized policy has at least a ratio

    proofs/soundness.md, `randomized-lower` (Yao): the adversary draws each request from what it sees of the
    play, the levels and the order of the pages requested last, but not the cache. L1 in expectations, and L2
    with growth of OPT. Main theorem: [check_randomized_lower_sound]. *)

From Coq Require Import List Arith NArith QArith Lqa Lia Bool.
From LayeredPaging Require Import Model RandomModel Sets Expect Average Offset Lazy Labels Canonical Table Warm Claims Machine Chain Draws.
Import ListNotations.
Open Scope Q_scope.

Section Sound.

Variables l n k memory : nat.
Variables p q : N.
Variable chain : list link.
Variable entries : list moment.
Hypothesis accepted : check l n k memory p q chain entries = true.

Let accepted_warm := accepted_warm l n k memory p q chain entries accepted.
Let meets_link := meets_link l n k memory p q chain entries accepted.
Let turns_spec := turns_spec l n k memory p q chain entries accepted.
Let meets_next := meets_next l n k memory p q chain entries accepted.
Let link_way := link_way l n k memory p q chain entries accepted.
Let weights_pos := weights_pos l n k memory p q chain entries accepted.
Let home_proper := home_proper l n k memory p q chain entries accepted.
Let mean_value := mean_value l n k memory p q chain entries accepted.
Let page_layered := page_layered l n k memory p q chain entries accepted.
Let home_next := home_next l n k memory p q chain entries accepted.

Notation w := (warm l n k).
Notation X := (full l n k).
Notation T := (tabulate moment state_of entries).
Notation CT := (tabulate link link_at chain).
Notation lab := (lab l n k memory).
Notation best := (best k memory q).
Notation sight := (sight l n k memory).
Notation turns := (turns l n k).
Notation weight := (weight l n k memory).
Notation all_weights := (all_weights l n k memory).
Notation draw := (draw l n k memory chain).
Notation meets := (meets l n k memory entries).
Notation home := (home l n k memory entries).

Variable R : random_policy.
Hypothesis R_legal : random_legal l n k R.

Notation P' := (rational (N.to_nat p)).
Notation Q' := (rational (N.to_nat q)).

Variable M : nat.
Hypothesis values_most : forall e, In e entries -> (N.to_nat (worth e) <= M)%nat.

Notation more L τ := (rational (growths_from k L τ)).

Lemma keeps N : forall σ D e held, meets σ D e ->
  rational (N.to_nat (worth e)) + P' * average draw N σ (fun τ => more (levels_of k (w ++ σ)) τ)
    <= Q' * average draw N σ (expected_after R (w ++ σ) held) + Q' * rational (loads D (hd [] held)) + rational M.
Proof.
  induction N as [|N IH]; intros σ D e held Hm; pose proof Hm as (_ & He & _).
  { simpl. change (rational 0) with 0. pose proof (rational_le _ _ (values_most e He)).
    assert (0 <= Q' * rational (loads D (hd [] held))) by (apply Qmult_le_0_compat; apply rational_pos). lra. }
  destruct (meets_link σ D e Hm) as (c & Hc & _).
  set (g := fun x => rational (if k <? levels_of k (w ++ σ) x then 1 else 0)).
  set (G := fun x => average draw N (σ ++ [x]) (fun τ => more (levels_of k (w ++ σ ++ [x])) τ)).
  set (J := fun x => expect (R (w ++ σ ++ [x]) held) (fun C => rational (loads (hd [] held) C) +
    average draw N (σ ++ [x]) (expected_after R (w ++ σ ++ [x]) (C :: held)))).
  assert (EG : average draw (S N) σ (fun τ => more (levels_of k (w ++ σ)) τ) == expect (draw σ) (fun x => g x + G x)).
  { simpl. apply expect_ext. intros x Hx. unfold g, G.
    rewrite <- (average_shift draw home home_proper home_next) by (apply home_next; [now exists D, e | exact Hx]).
    apply average_ext. intros τ. rewrite rational_plus, app_assoc, levels_snoc. reflexivity. }
  assert (EJ : average draw (S N) σ (expected_after R (w ++ σ) held) == expect (draw σ) J).
  { simpl. apply expect_ext. intros x Hx. unfold J. rewrite average_expect, <- app_assoc. apply expect_ext. intros C _.
    rewrite <- (average_shift draw home home_proper home_next) by (apply home_next; [now exists D, e | exact Hx]).
    reflexivity. }
  rewrite EG, EJ, expect_plus.
  set (K := Q' * rational (loads D (hd [] held)) + rational M).
  pose proof (mean_value σ D e c (fun x => Q' * J x + (K + - P' * G x)) Hm Hc) as H. fold g in H.
  rewrite !expect_plus, !expect_scale in H. rewrite expect_const in H by (apply home_proper; now exists D, e).
  assert (H' : forall x i row rest, In x (turns σ) -> (1 <= weight c σ x)%nat ->
    arranged l n (length (w ++ σ)) (row :: rest) -> each (lab σ (fun y => mem y D)) (row :: rest) = shown e ->
    nth_error row i = Some x -> forall m, best T e i (lab σ (fun y => mem y D) x) = Some m ->
    rational (N.to_nat m) <= Q' * J x + (K + - P' * G x)); [|specialize (H H'); unfold K in *; lra].
  clear H EG EJ. intros x i row rest Hx Hs HA HE Hi m HB.
  pose proof (page_layered σ D e x Hm Hx) as Hσx. rewrite app_assoc in Hσx.
  destruct (R_legal (w ++ σ) x held Hσx) as [HP HL]. rewrite <- app_assoc in HP, HL.
  assert (HJ : rational (N.to_nat m) - (K + - P' * G x) <= Q' * J x); [|lra].
  unfold J. rewrite <- expect_scale. apply (expect_least _ _ _ HP). intros C HC. destruct (HL C HC) as [HF Hin].
  destruct (meets_next σ D e x C c Hm Hc Hx Hs HF Hin i row rest HA HE Hi m HB) as (e' & Hm' & Hv).
  specialize (IH (σ ++ [x]) _ e' (C :: held) Hm'). fold (G x) in IH. simpl hd in IH.
  pose proof Hm as (_ & _ & HN & HLen & _).
  destruct (lazy_next_spec k D x C (conj HN (Nat.eq_le_incl _ _ HLen)) HF Hin) as (_ & _ & _ & HZ).
  pose proof (loads_triangle D (hd [] held) C (proj1 HF)) as HT.
  set (D' := lazy_next k D x C) in *. set (C0 := hd [] held) in *.
  apply rational_le in Hv. rewrite rational_plus, rational_mult in Hv.
  assert (HZ' : rational (loads D D') + rational (loads D' C) <= rational (loads D C0) + rational (loads C0 C)).
  { rewrite <- !rational_plus. apply rational_le. lia. }
  apply (Qmult_le_compat_r _ _ Q') in HZ'; [|apply rational_pos]. unfold K. lra.
Qed.

(** From the start, through the requests [w]. *)
Lemma keeps_from_start N e : meets [] X e -> forall u past held, past ++ u = w -> (length (hd [] held) <= k)%nat ->
  P' * average draw N [] (fun τ => more (levels_of k w) τ)
    <= Q' * average draw N [] (fun τ => expected_after R past held (u ++ τ)) + Q' * rational k + rational M.
Proof.
  intros Hm. induction u as [|x u IH]; intros past held Hw Hk.
  - rewrite app_nil_r in Hw. subst past. pose proof (keeps N [] X e held Hm) as H. rewrite app_nil_r in H.
    change (fun τ => expected_after R w held ([] ++ τ)) with (expected_after R w held).
    assert (HX : (loads X (hd [] held) <= k)%nat) by (rewrite loads_count; pose proof (count_le_length (fun y => negb (mem y X)) (hd [] held)); lia).
    apply rational_le, (Qmult_le_compat_r _ _ Q') in HX; [|apply rational_pos].
    pose proof (rational_pos (N.to_nat (worth e))). lra.
  - assert (Hx : layered l n (past ++ [x])).
    { destruct accepted_warm as (_ & _ & _ & HL & _). rewrite <- Hw in HL. apply (layered_prefix l n _ u).
      now rewrite <- app_assoc. }
    destruct (R_legal past x held Hx) as [HP HL].
    set (left := P' * average draw N [] (fun τ => more (levels_of k w) τ)) in *.
    assert (H : left - Q' * rational k - rational M <= Q' * average draw N [] (fun τ => expected_after R past held ((x :: u) ++ τ))); [|lra].
    simpl expected_after. rewrite average_expect, <- expect_scale. apply (expect_least _ _ _ HP). intros C HC.
    destruct (HL C HC) as [[_ HF] _]. specialize (IH (past ++ [x]) (C :: held)). rewrite <- app_assoc in IH.
    specialize (IH Hw HF).
    rewrite (average_shift draw home home_proper home_next) by (now exists X, e).
    assert (0 <= Q' * inject_Z (Z.of_nat (loads (hd [] held) C))) by (apply Qmult_le_0_compat; apply rational_pos). lra.
Qed.

(** ** OPT grows beyond every bound *)

Definition steps (σ : list page) : nat :=
  match look_up link link_at CT (sight σ, []) with Some c => away c | None => 0%nat end.

Lemma links_bounded : exists B, forall c, In c chain -> (away c <= B)%nat /\ forall b, (N.to_nat (share c b) <= B)%nat.
Proof.
  clear. assert (HS : forall c, exists B, forall b, (N.to_nat (share c b) <= B)%nat).
  { intros c. unfold share, share_of. induction (shares c) as [|[b0 s] r [B H]]; [exists 0%nat; intros b; simpl; lia|].
    exists (N.to_nat s + B)%nat. intros b. simpl. destruct (same_label b0 b); simpl; [lia|]. specialize (H b). lia. }
  induction chain as [|c r [B H]]; [exists 0%nat; easy|]. destruct (HS c) as [B' H'].
  exists (away c + B + B')%nat. intros c' [<-|Hc]; split; try lia.
  - intros b. specialize (H' b). lia.
  - specialize (H c' Hc). lia.
  - intros b. destruct (H c' Hc) as [_ Hb]. specialize (Hb b). lia.
Qed.

Definition gain (σ : list page) (x : page) : nat := if k <? levels_of k (w ++ σ) x then 1 else 0.

Lemma gained_growths τ : forall σ, gained gain σ τ = growths_from k (levels_of k (w ++ σ)) τ.
Proof.
  induction τ as [|x τ IH]; intros σ; simpl; [reflexivity|]. rewrite IH, app_assoc, levels_snoc. reflexivity.
Qed.

Lemma sum_most (f : page -> nat) B b : (forall x, (f x <= B)%nat) -> (list_sum (map f b) <= length b * B)%nat.
Proof. intros H. induction b as [|x b IH]; simpl; [lia|]. specialize (H x). lia. Qed.

Lemma opt_grows b : home [] -> exists N, b <= average draw N [] (fun τ => more (levels_of k w) τ).
Proof.
  intros Hh. destruct links_bounded as [B HB]. set (Z := S (l * n * B)). set (δ := / rational Z).
  assert (HZ : 1 <= rational Z) by (apply rational_one; unfold Z; lia).
  assert (H0 : 0 < δ) by (apply Qinv_lt_0_compat; lra).
  assert (H1 : δ * rational Z == 1) by (unfold δ; field; lra).
  assert (Hδ : δ <= 1).
  { assert (δ * 1 <= δ * rational Z); [|lra]. rewrite !(Qmult_comm δ). apply Qmult_le_compat_r; lra. }
  destruct (average_grows draw home home_proper home_next gain steps B δ H0 Hδ) with (σ := @nil page) (b := b) as [N H].
  - intros σ (D & e & Hm). unfold steps. destruct (meets_link σ D e Hm) as (c & -> & Hc & _). now apply HB.
  - intros σ (D & e & Hm). destruct (meets_link σ D e Hm) as (c & Hc & Hin & _).
    destruct (link_way σ D e c Hm Hc) as (x & Hx & Hs & HW).
    exists x, (rational (weight c σ x) * / rational (all_weights c σ)). split; [|split].
    + unfold draw. rewrite Hc. apply in_map_iff. exists x. split; [reflexivity|]. apply filter_In.
      split; [exact Hx | now apply Nat.leb_le].
    + destruct (weights_pos σ D e c Hm Hc) as [W1 W2]. set (iW := / rational (all_weights c σ)) in *.
      assert (HA : (all_weights c σ <= Z)%nat).
      { assert (HL : (length (turns σ) <= l * n)%nat).
        { destruct accepted_warm as (Hl & Hn & _). rewrite <- (seq_length (l * n) 0). apply NoDup_incl_length.
          - pose proof (arranged_rows_at l n Hl (length (w ++ σ)) Hn) as HA.
            destruct (arranged_row l n Hl _ _ HA) as (row & rest & E & _). unfold turns. rewrite E in *. simpl.
            destruct HA as (_ & HA & _). simpl in HA. now apply NoDup_app_parts in HA.
          - intros y Hy. apply turns_spec in Hy. apply in_seq. lia. }
        assert (HU : (all_weights c σ <= length (turns σ) * B)%nat).
        { apply sum_most. intros y. now apply HB. }
        unfold Z. nia. }
      apply rational_le in HA. apply rational_one in Hs.
      assert (S1 : 1 * iW <= rational (weight c σ x) * iW) by (apply Qmult_le_compat_r; lra).
      assert (S2 : rational (all_weights c σ) * iW <= rational Z * iW) by (apply Qmult_le_compat_r; lra).
      setoid_replace (rational (all_weights c σ) * iW) with 1 in S2 by (rewrite Qmult_comm; exact W2).
      assert (S3 : 1 * δ <= rational Z * iW * δ) by (apply Qmult_le_compat_r; lra).
      setoid_replace (rational Z * iW * δ) with iW in S3 by (setoid_replace (rational Z * iW * δ) with (iW * (δ * rational Z)) by ring; rewrite H1; ring).
      lra.
    + unfold gain. destruct HW as [HW|(c' & Hc' & Hr)].
      * left. apply Nat.ltb_lt in HW. rewrite HW. lia.
      * right. unfold steps. now rewrite Hc, Hc'.
  - exact Hh.
  - exists N. eapply Qle_trans; [exact H|]. apply Qle_lteq. right. apply average_ext. intros τ.
    rewrite gained_growths, app_nil_r. reflexivity.
Qed.

Lemma meets_first : exists e, meets [] X e.
Proof.
  destruct accepted_warm as (Hl & Hn & Hk & Hw & H0 & HN & HX & Hp).
  pose proof accepted as H. unfold check in H. apply andb_prop in H as [_ H]. cbv zeta in H.
  destruct (look_up moment state_of T _) as [e|] eqn:E; [|discriminate]. apply look_up_spec in E as [He HE].
  apply (f_equal fst) in HE. simpl in HE.
  exists e. unfold meets. rewrite app_nil_r. split; [exact Hw|]. split; [exact He|]. split; [exact HN|]. split; [exact HX|].
  split; [exact Hp|]. set (f := lab [] (fun x => mem x X)). exists (map (sort f) (in_order l n)). split.
  - apply arranged_sort. apply arranged_mod with 0%nat; [exact Hl | | now apply arranged_in_order].
    now rewrite H0, Nat.mod_0_l by lia.
  - rewrite each_sort, HE. apply first_place_view; auto. intros x. unfold f, Chain.lab, places. simpl. rewrite app_nil_r.
    now destruct (mem x X).
Qed.

Theorem check_sound : (1 <= N.to_nat q)%nat -> random_ratio_at_least l n k R (P' / Q').
Proof.
  intros Hq r Hr [c Hc]. destruct accepted_warm as (_ & _ & Hk & _). destruct meets_first as [e He].
  apply rational_one in Hq. assert (HA : 0 < P' - Q' * r).
  { apply (Qmult_lt_compat_r _ _ Q') in Hr; [|lra]. setoid_replace (P' / Q' * Q') with P' in Hr by (field; lra). lra. }
  set (A := P' - Q' * r) in *. set (B := Q' * (r * rational (growths k w) + c) + Q' * rational k + rational M).
  destruct (opt_grows ((B + 1) / A)) as [N HN]; [now exists X, e|].
  set (G := average draw N [] (fun τ => more (levels_of k w) τ)) in *.
  pose proof (keeps_from_start N e He w [] [] eq_refl ltac:(simpl; lia)) as H. fold G in H.
  assert (HU : average draw N [] (fun τ => expected_after R [] [] (w ++ τ)) <=
               (r * rational (growths k w) + c) + r * G).
  { unfold G. rewrite <- average_scale, <- (average_shift draw home home_proper home_next) by now exists X, e.
    apply (average_le draw home home_proper home_next); [now exists X, e|]. intros τ (D & e' & Hσ & _).
    specialize (Hc (w ++ τ) _ Hσ (growths_is_opt k Hk _)). fold (rational (growths k (w ++ τ))) in Hc.
    unfold growths in Hc at 1. rewrite growths_from_app, rational_plus in Hc. unfold expected_cost in Hc.
    unfold growths, levels_of in *. lra. }
  apply (Qmult_le_compat_r _ _ Q') in HU; [|lra].
  apply (Qmult_le_compat_r _ _ A) in HN; [|lra]. setoid_replace ((B + 1) / A * A) with (B + 1) in HN by (field; lra).
  unfold A, B in HN. set (cost := average draw N [] (fun τ => expected_after R [] [] (w ++ τ))) in HU.
  assert (HL : P' * G <= Q' * cost + Q' * rational k + rational M) by exact H. clear - HL HU HN. clearbody G cost.
  assert (E1 : G * (P' - Q' * r) == P' * G - (r * G) * Q') by ring. rewrite E1 in HN.
  assert (E2 : (r * rational (growths k w) + c + r * G) * Q' == Q' * (r * rational (growths k w) + c) + (r * G) * Q') by ring.
  rewrite E2, (Qmult_comm cost) in HU. lra.
Qed.

End Sound.

(** If it accepts, every randomized policy has ratio at least p/q. The numbers of the entries are multiplied by [d]. *)
Definition check_randomized_lower (l n k memory : nat) (p q d : N) (chain : list link) (entries : list moment) : bool :=
  ((1 <=? d) && (1 <=? q))%N && check l n k memory (d * p) (d * q) chain entries.

Lemma entries_bounded (entries : list moment) : exists M, forall e, In e entries -> (N.to_nat (worth e) <= M)%nat.
Proof.
  induction entries as [|a r [M H]]; [exists 0%nat; easy|].
  exists (N.to_nat (worth a) + M)%nat. intros e [<-|He]; [lia|]. specialize (H e He). lia.
Qed.

Theorem check_randomized_lower_sound l n k memory p q d chain entries :
  check_randomized_lower l n k memory p q d chain entries = true ->
  forall R, random_legal l n k R -> random_ratio_at_least l n k R (inject_Z (Z.of_N p) / inject_Z (Z.of_N q)).
Proof.
  intros H R HR. unfold check_randomized_lower in H. apply andb_prop in H as [Hd H]. apply andb_prop in Hd as [Hd Hq].
  apply leb_to_nat in Hd, Hq. destruct (entries_bounded entries) as [M HM]. intros r Hr.
  apply (check_sound l n k memory (d * p) (d * q) chain entries H R HR M HM); [rewrite N2Nat.inj_mul; simpl in *; nia|].
  rewrite !N2Nat.inj_mul, !rational_mult. unfold rational. rewrite !N_nat_Z.
  assert (D1 : (0 < inject_Z (Z.of_N d))%Q) by (rewrite <- (Zlt_Qlt 0); simpl in *; lia).
  assert (D2 : (0 < inject_Z (Z.of_N q))%Q) by (rewrite <- (Zlt_Qlt 0); simpl in *; lia).
  setoid_replace (inject_Z (Z.of_N d) * inject_Z (Z.of_N p) / (inject_Z (Z.of_N d) * inject_Z (Z.of_N q)))%Q
    with (inject_Z (Z.of_N p) / inject_Z (Z.of_N q))%Q by (field; lra). exact Hr.
Qed.

