(** * Draws: the adversary's draws on real pages

    proofs/soundness.md, `randomized-lower`: the play against a full cache, state by state; from where draws lead
    to growth (L2), and what is gained on average (L1). Main theorems: [meets_next], [link_way], [mean_value]. *)

From Coq Require Import List Arith NArith QArith Lqa Lia Bool Permutation.
From LayeredPaging Require Import Model RandomModel Sets Expect Offset Lazy Labels Canonical Leave Table Warm Claims Machine Chain.
Import ListNotations.
Open Scope nat_scope.

Section Sound.

Variables l n k memory : nat.
Variables p q : N.
Variable chain : list link.
Variable entries : list moment.
Hypothesis accepted : check l n k memory p q chain entries = true.

Let accepted_warm := accepted_warm l n k memory p q chain entries accepted.
Let accepted_entry := accepted_entry l n k memory p q chain entries accepted.
Let accepted_link := accepted_link l n k memory p q chain entries accepted.
Let after_view := after_view l n k memory p q chain entries accepted.

Notation w := (warm l n k).
Notation T := (tabulate moment state_of entries).
Notation CT := (tabulate link link_at chain).
Notation nothing := (fun _ : page => false).
Notation lab := (lab l n k memory).
Notation places := (places l n k memory).
Notation after := (after k memory).
Notation best := (best k memory q).
Notation sides := (sides k memory p q).

(** *** Draws *)

Definition sight (σ : list page) : list (list label) :=
  map (sort (fun b => b)) (each (lab σ nothing) (rows_at l n (length (w ++ σ)))).

Definition turns (σ : list page) : list page := hd [] (rows_at l n (length (w ++ σ))).

Definition weight (c : link) (σ : list page) (x : page) : nat := N.to_nat (share c (lab σ nothing x)).

Definition all_weights (c : link) (σ : list page) : nat := list_sum (map (weight c σ) (turns σ)).

Definition draw (σ : list page) : distribution page :=
  match look_up link link_at CT (sight σ, []) with
  | None => []
  | Some c => map (fun x => (x, rational (weight c σ x) * / rational (all_weights c σ))%Q)
                (filter (fun x => 1 <=? weight c σ x) (turns σ))
  end.

(** After [w] and [σ], with the full cache [D] at hand, the play is in the state of [e]. *)
Definition meets (σ : list page) (D : cache) (e : moment) : Prop :=
  layered l n (w ++ σ) /\ In e entries /\ NoDup D /\ length D = k /\ (forall x, In x D -> x < l * n) /\
  exists P, arranged l n (length (w ++ σ)) P /\ each (lab σ (fun x => mem x D)) P = shown e.

Definition home (σ : list page) : Prop := exists D e, meets σ D e.

Lemma meets_sight σ D e : meets σ D e -> map (sort (fun b => b)) (each hide (shown e)) = sight σ.
Proof.
  intros (_ & _ & _ & _ & _ & P & HA & <-). destruct accepted_warm as (Hl & Hn & _).
  rewrite each_each, (each_ext_in _ (lab σ nothing) P) by (intros; apply hide_lab).
  apply (canonical l n (lab σ nothing) _ _ _ HA). now apply arranged_rows_at.
Qed.

(** The state of the adversary. *)
Lemma meets_link σ D e : meets σ D e -> exists c, look_up link link_at CT (sight σ, []) = Some c /\
  In c chain /\ seen c = sight σ.
Proof.
  intros Hm. pose proof Hm as (_ & He & _). pose proof (accepted_entry e He) as H. unfold check_entry in H.
  rewrite (meets_sight σ D e Hm) in H. destruct (look_up _ _ _ _) as [c|] eqn:E; [|discriminate].
  exists c. split; [reflexivity|]. apply look_up_spec in E as [HI HS]. split; [exact HI|]. now injection HS.
Qed.

Lemma turns_spec σ x : In x (turns σ) <-> x < l * n /\ layer n x = length (w ++ σ) mod l.
Proof.
  destruct accepted_warm as (Hl & Hn & _). unfold turns.
  destruct (arranged_row l n Hl _ _ (arranged_rows_at l n Hl (length (w ++ σ)) Hn)) as (row & rest & E & H).
  now rewrite E.
Qed.

(** A page that is drawn plays at some position. Some answer has an moment. *)
Lemma meets_next σ D e x C c : meets σ D e -> look_up link link_at CT (sight σ, []) = Some c ->
  In x (turns σ) -> 1 <= weight c σ x -> fits k C -> In x C ->
  forall i row rest, arranged l n (length (w ++ σ)) (row :: rest) -> each (lab σ (fun y => mem y D)) (row :: rest) = shown e ->
  nth_error row i = Some x -> forall m, best T e i (lab σ (fun y => mem y D) x) = Some m ->
  let D' := lazy_next k D x C in
  exists e', meets (σ ++ [x]) D' e' /\ N.to_nat m <= N.to_nat q * loads D D' + N.to_nat (worth e').
Proof.
  intros Hm Hc Hx Hs HF HC i row rest HA HE Hi m HB. cbv zeta.
  destruct accepted_warm as (Hl & Hn & Hk & Hw & _ & _ & _ & Hp).
  pose proof Hm as (Hσ & He & HN & HL & HD & _).
  destruct (lazy_next_full k D x C HN HL HF HC) as [HL' HM].
  destruct (lazy_next_spec k D x C (conj HN (Nat.eq_le_incl _ _ HL)) HF HC) as (_ & HF' & Hx' & _).
  set (D' := lazy_next k D x C) in *. set (b := lab σ (fun y => mem y D) x) in *.
  assert (Hσx : layered l n (w ++ σ ++ [x])).
  { rewrite app_assoc. apply turns_spec in Hx as [H1 H2]. now apply layered_snoc. }
  assert (HO : exists D0, In (each (lab σ (fun y => mem y D0)) (row :: rest)) (answers_of b (shown e)) /\
    (forall y, y <> x -> mem y D' = mem y D0) /\ miss b <= loads D D' /\ forall y, In y D' -> y < l * n).
  { unfold answers_of, miss, b, lab. simpl snd. rewrite recall_cached. destruct HM as [[Hh ->]|(Hh & v & Hv & HV)].
    - exists D. pose proof Hh as Hh'. apply mem_In in Hh'. rewrite Hh'. split; [now left|]. split; [reflexivity|].
      split; [lia | exact HD].
    - exists (evict v D). pose proof Hh as Hh'. apply mem_not_In in Hh'. rewrite Hh'.
      assert (HN' : NoDup D') by apply HF'. split; [|split; [|split]].
      + rewrite <- HE.
        pose proof (leave_In label (fun c => Nat.odd (snd c)) out (lab σ (fun y => mem y D)) v) as H.
        specialize (H ltac:(unfold lab; simpl snd; rewrite recall_cached; now apply mem_In)).
        specialize (H (row :: rest) (proj1 (proj2 HA)) (proj2 (arranged_In l n Hl _ _ v HA) (HD v Hv))).
        erewrite each_ext_in; [exact H|]. intros y _. unfold left_by.
        destruct (Nat.eqb_spec y v) as [->|Hne].
        * unfold out, lab. simpl. assert (E : mem v (evict v D) = false) by (apply mem_not_In; rewrite In_evict; tauto).
          apply mem_In in Hv. rewrite E, Hv. unfold recall. simpl. f_equal. lia.
        * unfold lab. do 2 f_equal. destruct (mem y D) eqn:M.
          -- apply mem_In. apply In_evict. split; [now apply mem_In | exact Hne].
          -- apply mem_not_In. rewrite In_evict. apply mem_not_In in M. tauto.
      + intros y Hy. rewrite HV. simpl. apply Nat.eqb_neq in Hy. now rewrite Hy.
      + now apply (loads_miss _ _ x).
      + rewrite HV. intros y [<-|Hy]; [now apply turns_spec in Hx | apply In_evict in Hy; now apply HD]. }
  destruct HO as (D0 & HO & Hoth & Hmiss & HD'). unfold best in HB.
  destruct (least_spec _ _ HB _ (in_map _ _ _ HO)) as (a & Ha & Hma).
  destruct (look_up moment state_of T _) as [e'|] eqn:F; [|discriminate]. injection Ha as <-.
  apply look_up_spec in F as [He' F]. unfold state_of in F. apply (f_equal fst) in F. simpl fst in F.
  destruct (after_view σ (fun y => mem y D0) (fun y => mem y D') x row rest i true HA Hi
    (proj2 (mem_In x D') Hx') Hoth b eq_refl) as (P' & HA' & HP').
  { unfold b, lab. simpl. apply recall_place. }
  exists e'. split.
  - split; [exact Hσx|]. split; [exact He'|]. split; [apply HF'|]. split; [exact HL'|]. split; [exact HD'|].
    exists P'. split; [exact HA' | rewrite HP'; symmetry; exact F].
  - assert (N.to_nat m <= N.to_nat q * miss b + N.to_nat (worth e')) by lia.
    assert (N.to_nat q * miss b <= N.to_nat q * loads D D') by now apply Nat.mul_le_mono_l. lia.
Qed.

Lemma after_sorted cached i b R : map (sort (fun c => c)) (after cached i b R) = after cached i b R.
Proof.
  unfold after, serve, settle. rewrite map_map. apply map_ext. intros r. apply sort_canonical, sort_Permutation.
Qed.

(** L2: a page that may be drawn and leads nearer to growth. *)
Lemma link_way σ D e c : meets σ D e -> look_up link link_at CT (sight σ, []) = Some c ->
  exists x, In x (turns σ) /\ 1 <= weight c σ x /\
    (k < levels_of k (w ++ σ) x \/ exists c', look_up link link_at CT (sight (σ ++ [x]), []) = Some c' /\ away c' < away c).
Proof.
  intros Hm Hc. pose proof Hm as (Hσ & _). destruct accepted_warm as (Hl & Hn & _).
  apply look_up_spec in Hc as [Hc HS]. apply (f_equal fst) in HS. simpl in HS.
  pose proof (accepted_link c Hc) as H. unfold check_link in H. apply existsb_exists in H as (i & _ & H).
  destruct (label_at (seen c) i) as [b|] eqn:HB; [|discriminate]. apply andb_prop in H as [Hs H].
  assert (HA : arranged l n (length (w ++ σ)) (map (sort (lab σ nothing)) (rows_at l n (length (w ++ σ))))).
  { apply arranged_sort. now apply arranged_rows_at. }
  assert (HE : seen c = each (lab σ nothing) (map (sort (lab σ nothing)) (rows_at l n (length (w ++ σ))))).
  { rewrite each_sort. exact HS. }
  rewrite HE in HB. apply label_at_page in HB as (x & row & rest & E & Hi & HB). rewrite E in HA, HE.
  assert (Hx : In x (turns σ)).
  { apply turns_spec. destruct (arranged_row l n Hl _ _ HA) as (row' & rest' & E' & HR). injection E' as <- <-.
    apply HR. now apply nth_error_In in Hi. }
  exists x. split; [exact Hx|]. split.
  { unfold weight. rewrite HB. apply leb_to_nat in Hs. exact Hs. }
  apply orb_prop in H as [H|H]; [left; apply Nat.ltb_lt in H; now subst b|]. right.
  destruct (look_up link link_at CT _) as [c'|] eqn:F in H; [|discriminate]. apply Nat.ltb_lt in H.
  exists c'. split; [|exact H]. rewrite <- F. do 2 f_equal.
  destruct (after_view σ nothing nothing x row rest i false HA Hi eq_refl (fun _ _ => eq_refl) b) as (P' & HA' & HP').
  { now subst b. }
  { subst b. unfold lab. simpl. apply recall_place. }
  rewrite HE, <- after_sorted, <- HP'. unfold sight. apply (canonical l n _ (length (w ++ σ ++ [x]))); [|exact HA'].
  now apply arranged_rows_at.
Qed.

Open Scope Q_scope.

Lemma total_filter {A} (g : A -> bool) (f : A -> Q) b :
  (forall a, g a = false -> f a == 0) -> total f (filter g b) == total f b.
Proof.
  intros H. induction b as [|a b IH]; simpl; [reflexivity|]. destruct (g a) eqn:G; simpl; rewrite IH; [reflexivity|].
  rewrite (H a G). ring.
Qed.

Lemma draw_expect σ c f : look_up link link_at CT (sight σ, []) = Some c ->
  expect (draw σ) f == / rational (all_weights c σ) * total (fun x => rational (weight c σ x) * f x) (turns σ).
Proof.
  intros H. unfold draw. rewrite H, expect_total, total_map, <- total_scale. rewrite total_filter.
  - apply total_ext. intros x _. simpl. ring.
  - intros x Hx. apply Nat.leb_gt in Hx. simpl fst. simpl snd. replace (weight c σ x) with 0%nat by lia.
    change (rational 0) with 0. ring.
Qed.

Lemma all_weights_total c σ : rational (all_weights c σ) == total (fun x => rational (weight c σ x)) (turns σ).
Proof.
  unfold all_weights. induction (turns σ) as [|x b IH]; simpl; [reflexivity|]. now rewrite rational_plus, IH.
Qed.

Lemma weight_le c σ x : In x (turns σ) -> (weight c σ x <= all_weights c σ)%nat.
Proof.
  unfold all_weights. induction (turns σ) as [|y b IH]; simpl; [easy|]. intros [->|H]; [lia|]. specialize (IH H). lia.
Qed.

Lemma weights_pos σ D e c : meets σ D e -> look_up link link_at CT (sight σ, []) = Some c ->
  0 < / rational (all_weights c σ) /\ / rational (all_weights c σ) * rational (all_weights c σ) == 1.
Proof.
  intros Hm Hc. destruct (link_way σ D e c Hm Hc) as (x & Hx & Hs & _). pose proof (weight_le c σ x Hx).
  assert (H1 : 1 <= rational (all_weights c σ)) by (apply rational_one; lia).
  split; [apply Qinv_lt_0_compat; lra | field; lra].
Qed.

Lemma home_proper σ : home σ -> proper (draw σ).
Proof.
  intros (D & e & Hm). destruct (meets_link σ D e Hm) as (c & Hc & _).
  destruct (weights_pos σ D e c Hm Hc) as [H1 H2]. split.
  - intros a Ha. unfold draw in Ha. rewrite Hc in Ha. apply in_map_iff in Ha as (x & <- & _). simpl.
    apply Qmult_le_0_compat; [apply rational_pos | lra].
  - rewrite (draw_expect σ c _ Hc), (total_ext _ (fun x => rational (weight c σ x))) by (intros; ring).
    now rewrite <- all_weights_total.
Qed.

Lemma drawn σ c x : look_up link link_at CT (sight σ, []) = Some c -> In x (map fst (draw σ)) ->
  In x (turns σ) /\ (1 <= weight c σ x)%nat.
Proof.
  intros Hc Hx. unfold draw in Hx. rewrite Hc in Hx. apply in_map_iff in Hx as (a & <- & Hx).
  apply in_map_iff in Hx as (y & <- & Hx). apply filter_In in Hx as [H1 H2]. apply Nat.leb_le in H2. now split.
Qed.

Definition side1 (o : option (N * N)) : Q := match o with Some (a, _) => rational (N.to_nat a) | None => 0 end.
Definition side2 (o : option (N * N)) : Q := match o with Some (_, b) => rational (N.to_nat b) | None => 0 end.

Lemma sum_up_spec os a b : sum_up os = Some (a, b) ->
  rational (N.to_nat a) == total side1 os /\ rational (N.to_nat b) == total side2 os /\ ~ In None os.
Proof.
  revert a b. induction os as [|[[x y]|] os IH]; intros a b H; simpl in H; [|destruct (sum_up os) as [[u v]|]|discriminate].
  - injection H as <- <-. split; [reflexivity|]. split; [reflexivity | easy].
  - injection H as <- <-. destruct (IH u v eq_refl) as (H1 & H2 & H3).
    rewrite !N2Nat.inj_add, !rational_plus, H1, H2. split; [reflexivity|]. split; [reflexivity|].
    intros [F|F]; [discriminate | contradiction].
  - discriminate.
Qed.

Lemma row_by_positions (row : list page) : map (fun i => nth i row 0%nat) (seq 0 (length row)) = row.
Proof.
  induction row as [|x row IH]; [reflexivity|]. simpl. f_equal. rewrite <- seq_shift, map_map. exact IH.
Qed.

(** L1, on real pages. *)
Lemma mean_value σ D e c F : meets σ D e -> look_up link link_at CT (sight σ, []) = Some c ->
  (forall x i row rest, In x (turns σ) -> (1 <= weight c σ x)%nat ->
    arranged l n (length (w ++ σ)) (row :: rest) -> each (lab σ (fun y => mem y D)) (row :: rest) = shown e ->
    nth_error row i = Some x -> forall m, best T e i (lab σ (fun y => mem y D) x) = Some m -> rational (N.to_nat m) <= F x) ->
  rational (N.to_nat (worth e)) +
    rational (N.to_nat p) * expect (draw σ) (fun x => rational (if k <? levels_of k (w ++ σ) x then 1 else 0)) <= expect (draw σ) F.
Proof.
  intros Hm Hc HF. pose proof Hm as (_ & He & _ & _ & _ & P & HA & HE). destruct accepted_warm as (Hl & Hn & _).
  pose proof (accepted_entry e He) as H. unfold check_entry in H. rewrite (meets_sight σ D e Hm), Hc in H.
  destruct (arranged_row l n Hl _ _ HA) as (row & rest & -> & HR).
  destruct (sum_up _) as [[a b]|] eqn:E; [|discriminate]. apply leb_to_nat, rational_le in H.
  apply sum_up_spec in E as (E1 & E2 & E3). rewrite E1, E2, !total_map in H.
  assert (Hlen : length (hd [] (shown e)) = length row) by (rewrite <- HE; simpl; apply map_length).
  rewrite Hlen in H, E3.
  destruct (weights_pos σ D e c Hm Hc) as [W1 W2]. rewrite !(draw_expect σ c _ Hc).
  set (g := fun x => rational (if k <? levels_of k (w ++ σ) x then 1 else 0)). set (iW := / rational (all_weights c σ)) in *.
  assert (HP : Permutation row (turns σ)).
  { apply NoDup_Permutation.
    - destruct HA as (_ & HA & _). simpl in HA. now apply NoDup_app_parts in HA.
    - pose proof (arranged_rows_at l n Hl (length (w ++ σ)) Hn) as HA'.
      destruct (arranged_row l n Hl _ _ HA') as (row' & rest' & E & _). unfold turns. rewrite E in *. simpl.
      destruct HA' as (_ & HA' & _). simpl in HA'. now apply NoDup_app_parts in HA'.
    - intros x. now rewrite HR, turns_spec. }
  assert (HL : forall i, In i (seq 0 (length row)) ->
    side1 (sides T c e i) == rational (weight c σ (nth i row 0%nat)) *
      (rational (N.to_nat (worth e)) + rational (N.to_nat p) * g (nth i row 0%nat)) /\
    side2 (sides T c e i) <= rational (weight c σ (nth i row 0%nat)) * F (nth i row 0%nat)).
  { intros i Hi. assert (HN : sides T c e i <> None).
    { intros HN. apply E3. rewrite <- HN. now apply in_map. }
    apply in_seq in Hi. assert (Hx : nth_error row i = Some (nth i row 0%nat)) by (apply nth_error_nth'; lia).
    set (x := nth i row 0%nat) in *. unfold sides in *.
    assert (HB : label_at (shown e) i = Some (lab σ (fun y => mem y D) x)).
    { rewrite <- HE. simpl. now rewrite nth_error_map, Hx. }
    rewrite HB in *. rewrite hide_lab in *. fold (weight c σ x) in *.
    assert (HW : weight c σ x = N.to_nat (share c (lab σ nothing x))) by reflexivity.
    destruct (N.eqb_spec (share c (lab σ nothing x)) 0) as [Z|Z].
    - rewrite HW, Z. simpl. change (rational 0) with 0. split; [ring | lra].
    - destruct (best T e i _) as [m|] eqn:B; [|easy]. simpl side1. simpl side2.
      rewrite !N2Nat.inj_mul, N2Nat.inj_add, N2Nat.inj_mul, Nat2N.id, !rational_mult, rational_plus, rational_mult, <- HW.
      split; [reflexivity|]. rewrite !(Qmult_comm (rational (weight c σ x))). apply Qmult_le_compat_r; [|apply rational_pos].
      apply (HF x i row rest); auto; [|lia]. apply (Permutation_in _ HP). now apply nth_error_In in Hx. }
  assert (H' : total (fun x => rational (weight c σ x) * (rational (N.to_nat (worth e)) + rational (N.to_nat p) * g x)) (turns σ)
    <= total (fun x => rational (weight c σ x) * F x) (turns σ)).
  { rewrite <- !(total_Permutation _ _ _ HP). rewrite <- (row_by_positions row), !total_map.
    apply Qle_trans with (total (fun i => side2 (sides T c e i)) (seq 0 (length row))).
    - rewrite <- (total_ext (fun i => side1 (sides T c e i))); [exact H | intros i Hi; now apply HL].
    - apply total_le. intros i Hi. now apply HL. }
  rewrite (total_ext _ (fun x => rational (N.to_nat (worth e)) * rational (weight c σ x) +
    rational (N.to_nat p) * (rational (weight c σ x) * g x))) in H' by (intros; ring).
  rewrite total_plus, !total_scale, <- all_weights_total in H'. fold g.
  apply (Qmult_le_compat_r _ _ iW) in H'; [|lra].
  set (t1 := total _ (turns σ)) in *. set (t2 := total (fun x => _ * F x) (turns σ)) in *.
  set (V := rational (N.to_nat (worth e))) in *. set (W := rational (all_weights c σ)) in *.
  assert (EV : V * W * iW == V) by (rewrite <- Qmult_assoc, (Qmult_comm W), W2; ring). lra.
Qed.

Lemma page_layered σ D e x : meets σ D e -> In x (turns σ) -> layered l n (w ++ σ ++ [x]).
Proof.
  intros (Hσ & _) Hx. rewrite app_assoc. apply turns_spec in Hx as [H1 H2]. now apply layered_snoc.
Qed.

(** Some answer leads on. *)
Lemma meets_some σ D e c x C : meets σ D e -> look_up link link_at CT (sight σ, []) = Some c ->
  In x (turns σ) -> (1 <= weight c σ x)%nat -> fits k C -> In x C -> exists e', meets (σ ++ [x]) (lazy_next k D x C) e'.
Proof.
  intros Hm Hc Hx Hs HF HC. pose proof Hm as (_ & He & _ & _ & _ & P & HA & HE). destruct accepted_warm as (Hl & _).
  destruct (arranged_row l n Hl _ _ HA) as (row & rest & -> & HR).
  assert (Hi : exists i, nth_error row i = Some x) by (apply In_nth_error, HR; now apply turns_spec).
  destruct Hi as [i Hi].
  assert (HB : exists m, best T e i (lab σ (fun y => mem y D) x) = Some m).
  { pose proof (accepted_entry e He) as H. unfold check_entry in H. rewrite (meets_sight σ D e Hm), Hc in H.
    destruct (sum_up _) as [[a b]|] eqn:E; [|discriminate]. apply sum_up_spec in E as (_ & _ & E).
    assert (HN : sides T c e i <> None).
    { intros HN. apply E. rewrite <- HN. apply in_map. apply in_seq. rewrite <- HE. simpl. rewrite map_length.
      assert (nth_error row i <> None) by congruence. apply nth_error_Some in H0. lia. }
    unfold sides in HN. assert (HL : label_at (shown e) i = Some (lab σ (fun y => mem y D) x)).
    { rewrite <- HE. simpl. now rewrite nth_error_map, Hi. }
    rewrite HL, hide_lab in HN. unfold weight in Hs. destruct (N.eqb_spec (share c (lab σ nothing x)) 0) as [Z|Z].
    - rewrite Z in Hs. simpl in Hs. lia.
    - destruct (best T e i _) as [m|]; [now exists m | easy]. }
  destruct HB as [m HB].
  destruct (meets_next σ D e x C c Hm Hc Hx Hs HF HC i row rest HA HE Hi m HB) as (e' & Hm' & _). now exists e'.
Qed.

Lemma home_next σ x : home σ -> In x (map fst (draw σ)) -> home (σ ++ [x]).
Proof.
  intros (D & e & Hm) Hx. destruct (meets_link σ D e Hm) as (c & Hc & _). destruct (drawn σ c x Hc Hx) as [H1 H2].
  destruct accepted_warm as (_ & _ & Hk & _).
  destruct (meets_some σ D e c x [x] Hm Hc H1 H2) as (e' & He'); [|now left | now exists (lazy_next k D x [x]), e'].
  split; [constructor; [easy | constructor] | simpl; lia].
Qed.

End Sound.
