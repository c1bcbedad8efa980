(** * CheckRandomizedUpper: a checker of certificates that some randomized policy has at most a ratio

    proofs/soundness.md, `randomized-upper`: the caches of a state, with their shares, are what the policy holds
    there, and it draws the next one as the transport of the request divides the share of the one it holds.
    Main theorem: [check_randomized_upper_sound]. *)

From Coq Require Import List Arith NArith QArith Lqa Lia Bool.
From LayeredPaging Require Import Model RandomModel Sets Expect Offset Warm Shares Mixture Transports.
Import ListNotations.
Open Scope nat_scope.

Section Sound.

Variables l n k : nat.
Variables p q M : N.
Variable entries : list mixture.
Hypothesis accepted : check_randomized_upper l n k p q M entries = true.

Let w := warm l n k.
Let stands_always := stands_always l n k p q M entries accepted.
Let stands_position := stands_position l n k p q M entries accepted.
Let transport_facts := transport_facts l n k p q M entries accepted.
Let blend_facts := blend_facts l n k p q M entries accepted.
Let accepted_warm := accepted_warm l n k p q M entries accepted.
Let accepted_numbers := accepted_numbers l n k p q M entries accepted.
Let play_snoc := play_snoc l n entries.

Notation from := (from l n).
Notation loaded := (loaded l n).
Notation cost_of := (cost_of l n).
Notation position := (position n).
Notation entry := (entry entries).
Notation state := (state l n entries).
Notation page_at := (page_at l n entries).
Notation moves := (moves l n entries).
Notation stands := (stands l n k entries).

(** *** The policy *)

Definition real (σ : list page) (c : list nat * N) : cache := map (page_at σ) (fst c).

Definition mix (σ : list page) : distribution cache :=
  map (fun c => (real σ c, share (snd c) / share M)%Q) (blend (state σ)).

(** Each cache of the state, and what follows it. *)
Definition rows (σ : list page) (x : page) : list (list nat * N * list (nat * N)) :=
  combine (blend (state σ)) (parts (moves σ x)).

Definition goes (σ : list page) (x : page) (j : nat) : cache := real (σ ++ [x]) (chosen (state (σ ++ [x])) j).

Definition onward (σ : list page) (x : page) (z : list nat * N * list (nat * N)) : distribution cache :=
  map (fun b => (goes σ x (fst b), share (snd b) / share (snd (fst z)))%Q) (snd z).

Definition follows (σ : list page) (x : page) (C : cache) : distribution cache :=
  match find (fun z => if cache_eq_dec (real σ (fst z)) C then true else false) (rows σ x) with
  | Some z => onward σ x z
  | None => []
  end.

Lemma real_same σ c c' : stands σ -> In c (blend (state σ)) -> In c' (blend (state σ)) ->
  real σ c = real σ c' -> fst c = fst c'.
Proof.
  intros (He & _ & H & _) Hc Hc'. destruct (blend_facts _ He) as [HB _].
  destruct (HB c Hc) as (_ & HC & _). destruct (HB c' Hc') as (_ & HC' & _). unfold real. clear - H HC HC'.
  revert HC HC'. generalize (fst c), (fst c'). intros a. induction a as [|y a IH]; intros [|z b] Ha Hb E; try discriminate; [reflexivity|].
  injection E as E1 E2. f_equal.
  - apply H; [apply Ha | apply Hb | exact E1]; now left.
  - apply IH; [intros; apply Ha; now right | intros; apply Hb; now right | exact E2].
Qed.

(** One request: what holds of all of it. *)
Lemma request_facts σ x : layered l n (σ ++ [x]) ->
  stands σ /\ stands (σ ++ [x]) /\
  map fst (rows σ x) = blend (state σ) /\ map snd (rows σ x) = parts (moves σ x) /\
  (forall z, In z (rows σ x) -> sum_of snd (snd z) = snd (fst z) /\ (1 <=? snd (fst z))%N = true) /\
  (forall z b, In z (rows σ x) -> In b (snd z) -> fst b < length (blend (state (σ ++ [x])))) /\
  forall z, In z (rows σ x) -> follows σ x (real σ (fst z)) = onward σ x z.
Proof.
  intros Hσ. pose proof (stands_always σ (layered_prefix _ _ _ _ Hσ)) as HS. pose proof HS as (He & _).
  destruct (stands_position σ x HS Hσ) as [Hi _].
  destruct (transport_facts _ _ He Hi) as (_ & _ & _ & _ & T & TI & _). fold (moves σ x) in T, TI.
  destruct (zipped _ _ _ _ T) as (Z1 & Z2 & Z3). fold (rows σ x) in Z1, Z2, Z3.
  destruct (blend_facts _ He) as (HB & HN & _).
  assert (ZB : forall z, In z (rows σ x) -> In (fst z) (blend (state σ))) by (intros z Hz; rewrite <- Z1; now apply in_map).
  split; [exact HS|]. split; [now apply stands_always|]. split; [exact Z1|]. split; [exact Z2|]. split; [|split].
  - intros z Hz. split; [now apply Z3 | now apply HB, ZB].
  - intros z b Hz Hb. unfold state at 1. rewrite play_snoc. simpl. apply TI. apply in_concat. exists (snd z).
    split; [rewrite <- Z2; now apply in_map | exact Hb].
  - intros z Hz. unfold follows. destruct (find _ _) as [z'|] eqn:F.
    + apply find_some in F as [F1 F2]. destruct (cache_eq_dec _ _) as [E|]; [|discriminate].
      apply real_same in E; [|exact HS | now apply ZB | now apply ZB].
      f_equal. apply (NoDup_map_same (fun z => fst (fst z)) (rows σ x)); auto.
      rewrite <- (map_map fst fst), Z1. exact HN.
    + apply (find_none _ _ F) in Hz. now destruct (cache_eq_dec _ _).
Qed.

Lemma M_pos : (0 < share M)%Q.
Proof. apply Qlt_le_trans with 1%Q; [reflexivity|]. exact (share_le 1 M (proj1 accepted_numbers)). Qed.

Lemma q_pos : (0 < share q)%Q.
Proof. apply Qlt_le_trans with 1%Q; [reflexivity|]. exact (share_le 1 q (proj2 accepted_numbers)). Qed.

(** What is expected of two caches in a row. *)
Lemma mean_rows σ x (H : cache -> cache -> Q) : layered l n (σ ++ [x]) ->
  (expect (mix σ) (fun C => expect (follows σ x C) (H C)) ==
   total (fun z => total (fun b => share (snd b) * (H (real σ (fst z)) (goes σ x (fst b)) / share M)) (snd z)) (rows σ x))%Q.
Proof.
  intros Hσ. destruct (request_facts σ x Hσ) as (_ & _ & Z1 & _ & Z3 & _ & Z5). pose proof M_pos.
  unfold mix. rewrite <- Z1, map_map, expect_total, total_map. apply total_ext. intros z Hz. cbn [fst snd].
  rewrite (Z5 z Hz). unfold onward. rewrite expect_total, total_map, <- total_scale. apply total_ext.
  intros b _. cbn [fst snd]. destruct (Z3 z Hz) as [_ Hm]. apply share_le in Hm.
  assert (0 < share (snd (fst z)))%Q by (apply Qlt_le_trans with 1%Q; [reflexivity | exact Hm]). field. split; lra.
Qed.

Lemma mix_proper σ : layered l n σ -> proper (mix σ).
Proof.
  intros Hσ. destruct (stands_always σ Hσ) as (He & _). destruct (blend_facts _ He) as (_ & _ & HM).
  pose proof M_pos. split.
  - intros c Hc. apply in_map_iff in Hc as (c' & <- & _). apply part_pos.
  - unfold mix. rewrite expect_total, total_map. cbn [fst snd].
    rewrite (total_ext _ (fun c => / share M * share (snd c))%Q) by (intros; field; lra).
    rewrite total_scale, <- sum_of_total, HM. field. lra.
Qed.

Lemma mix_fits σ x C : layered l n (σ ++ [x]) -> In C (map fst (mix (σ ++ [x]))) -> fits k C /\ In x C.
Proof.
  intros Hσ HC. destruct (request_facts σ x Hσ) as (HS & HS' & _). pose proof HS as (He & _).
  destruct (stands_position σ x HS Hσ) as [Hi Hx].
  destruct (transport_facts _ _ He Hi) as (_ & _ & _ & HI & _). fold (moves σ x) in HI.
  unfold mix in HC. rewrite map_map in HC. apply in_map_iff in HC as (c & <- & Hc). cbn [fst].
  pose proof HS' as (He' & _ & HJ & _). destruct (blend_facts _ He') as (HB & _). destruct (HB c Hc) as (HL & HP & HN & _).
  split; [split|].
  - apply NoDup_map_on; [|exact HN]. intros y z Hy Hz. apply HJ; now apply HP.
  - unfold real. now rewrite map_length.
  - unfold state in Hc. rewrite play_snoc in Hc. destruct (HI c Hc) as (y & Hy & E).
    unfold real, page_at. rewrite play_snoc. cbn [snd]. apply in_map_iff. exists y. split; [now rewrite E | exact Hy].
Qed.

Lemma chosen_In e j : j < length (blend e) -> In (chosen e j) (blend e).
Proof. apply nth_In. Qed.

Lemma follows_proper σ x C : layered l n (σ ++ [x]) -> In C (map fst (mix σ)) ->
  proper (follows σ x C) /\ incl (map fst (follows σ x C)) (map fst (mix (σ ++ [x]))).
Proof.
  intros Hσ HC. destruct (request_facts σ x Hσ) as (_ & _ & Z1 & _ & Z3 & Z4 & Z5).
  unfold mix in HC. rewrite <- Z1, !map_map in HC. apply in_map_iff in HC as (z & <- & Hz). cbn [fst].
  rewrite (Z5 z Hz). destruct (Z3 z Hz) as [HS Hm]. unfold onward. split; [split|].
  - intros c Hc. apply in_map_iff in Hc as (b & <- & _). apply part_pos.
  - rewrite expect_total, total_map. cbn [fst snd]. apply share_le in Hm.
    assert (0 < share (snd (fst z)))%Q by (apply Qlt_le_trans with 1%Q; [reflexivity | exact Hm]).
    rewrite (total_ext _ (fun b => / share (snd (fst z)) * share (snd b))%Q) by (intros; field; lra).
    rewrite total_scale, <- sum_of_total, HS. field. lra.
  - intros D HD. rewrite map_map in HD. apply in_map_iff in HD as (b & <- & Hb). cbn [fst].
    unfold mix. rewrite map_map. apply in_map_iff. eexists. split; [reflexivity|]. now apply chosen_In, (Z4 z).
Qed.

Lemma balanced σ x f : layered l n (σ ++ [x]) ->
  (expect (mix σ) (fun C => expect (follows σ x C) f) == expect (mix (σ ++ [x])) f)%Q.
Proof.
  intros Hσ. destruct (request_facts σ x Hσ) as (HS & _ & _ & Z2 & _). pose proof HS as (He & _).
  destruct (stands_position σ x HS Hσ) as [Hi _].
  destruct (transport_facts _ _ He Hi) as (_ & _ & _ & _ & _ & TI & TS & _). fold (moves σ x) in TI, TS.
  set (F := fun j => (f (goes σ x j) / share M)%Q). rewrite (mean_rows σ x (fun _ => f) Hσ).
  rewrite <- (total_map snd (total (fun b : nat * N => share (snd b) * F (fst b)))%Q).
  rewrite Z2, <- total_concat, (gathered F _ _ TI). unfold mix. rewrite expect_total, total_map.
  rewrite (total_nth ([], 0%N)). assert (E : state (σ ++ [x]) = entry (leads (moves σ x))) by (unfold state; now rewrite play_snoc).
  rewrite E. apply total_ext. intros j Hj. apply in_seq in Hj. rewrite (TS j) by lia. cbn [fst snd].
  unfold F, goes, chosen. rewrite E. unfold Qdiv. ring.
Qed.

(** *** What it pays *)

Lemma loads_loaded σ x z j : layered l n (σ ++ [x]) -> In z (rows σ x) -> j < length (blend (state (σ ++ [x]))) ->
  loads (real σ (fst z)) (goes σ x j) = loaded (moves σ x) (fst (fst z)) (fst (chosen (state (σ ++ [x])) j)).
Proof.
  intros Hσ Hz Hj. destruct (request_facts σ x Hσ) as (HS & HS' & Z1 & _). pose proof HS as (He & _ & HI & _).
  pose proof HS' as (He' & _). destruct (stands_position σ x HS Hσ) as [Hi _].
  destruct (transport_facts _ _ He Hi) as (_ & T1 & _). fold (moves σ x) in T1.
  assert (Hc : In (fst z) (blend (state σ))) by (rewrite <- Z1; now apply in_map).
  destruct (blend_facts _ He) as (HB & _). destruct (HB _ Hc) as (_ & HP & _).
  destruct (blend_facts _ He') as (HB' & _). destruct (HB' _ (chosen_In _ _ Hj)) as (_ & HP' & _).
  unfold loads, loaded, goes, real. set (D := fst (chosen (state (σ ++ [x])) j)) in *. clearbody D.
  assert (EA : forall y, page_at (σ ++ [x]) y = page_at σ (from (moves σ x) y)) by (intros y; unfold page_at at 1; now rewrite play_snoc).
  induction D as [|y D IH]; [reflexivity|]. simpl. rewrite EA.
  assert (EM : mem (page_at σ (from (moves σ x) y)) (map (page_at σ) (fst (fst z))) = mem (from (moves σ x) y) (fst (fst z))).
  { destruct (mem (from (moves σ x) y) (fst (fst z))) eqn:E.
    - apply mem_In in E. apply mem_In. now apply in_map.
    - apply mem_not_In in E. apply mem_not_In. intros H. apply E. apply in_map_iff in H as (y' & E' & Hy').
      apply HI in E'; [now rewrite <- E' | now apply HP | apply T1, HP'; now left]. }
  rewrite EM. specialize (IH (fun y Hy => HP' y (or_intror Hy))).
  destruct (mem (from _ y) (fst (fst z))); simpl; [exact IH | now rewrite IH].
Qed.

Definition worth (σ : list page) : Q := (share (reserve (state σ)) / (share q * share M))%Q.

Lemma enough σ x : layered l n (σ ++ [x]) ->
  (expect (mix σ) (fun C => expect (follows σ x C) (fun C' => rational (loads C C'))) + worth (σ ++ [x])
    <= worth σ + share p / share q * rational (if grows k (levels_of k (w ++ σ)) x then 1 else 0))%Q.
Proof.
  intros Hσ. destruct (request_facts σ x Hσ) as (HS & _ & _ & _ & _ & Z4 & _). pose proof HS as (He & _ & _ & _ & HL).
  destruct (stands_position σ x HS Hσ) as [Hi Hx].
  destruct (transport_facts _ _ He Hi) as (_ & _ & _ & _ & _ & _ & _ & HC). fold (moves σ x) in HC.
  assert (E : state (σ ++ [x]) = entry (leads (moves σ x))) by (unfold state; now rewrite play_snoc).
  rewrite <- E in HC. pose proof M_pos as HM. pose proof q_pos as Hq.
  assert (EC : (expect (mix σ) (fun C => expect (follows σ x C) (fun C' => rational (loads C C'))) ==
    share (cost_of (state σ) (state (σ ++ [x])) (moves σ x)) / share M)%Q).
  { rewrite (mean_rows σ x (fun C C' => rational (loads C C')) Hσ). unfold cost_of. rewrite sum_of_total.
    unfold Qdiv. rewrite Qmult_comm, <- total_scale. apply total_ext. intros z Hz. rewrite sum_of_total, <- total_scale.
    apply total_ext. intros b Hb. rewrite share_mult, share_nat, (loads_loaded σ x z) by (auto; now apply (Z4 z)).
    unfold Qdiv. ring. }
  rewrite EC. clear EC. set (c := cost_of _ _ _) in *.
  assert (HG : grows k (levels_of k (w ++ σ)) x = (k <? height (state σ) (position (page_at σ) x))).
  { unfold grows. destruct accepted_warm as (Hl & Hn & _). rewrite <- (HL (position (page_at σ) x)) by nia. now rewrite Hx. }
  rewrite HG. unfold worth. set (s := share q) in *. set (m := share M) in *.
  apply share_le in HC. rewrite !share_plus, share_mult in HC. fold s in HC.
  set (v := share (reserve (state σ))) in *. set (v' := share (reserve (state (σ ++ [x])))) in *.
  assert (Hd : (0 <= / (s * m))%Q) by (apply Qinv_le_0_compat; apply Qlt_le_weak; now apply Qmult_lt_0_compat).
  apply (Qmult_le_compat_r _ _ (/ (s * m))) in HC; [|exact Hd].
  assert (E1 : ((s * share c + v') * / (s * m) == share c / m + v' / (s * m))%Q) by (field; split; lra).
  rewrite E1 in HC. eapply Qle_trans; [exact HC|].
  apply Qle_lteq. right. destruct (k <? _).
  - rewrite share_mult. fold m. change (rational 1) with 1%Q. field. split; lra.
  - change (rational 0) with 0%Q. change (share 0) with 0%Q. field. split; lra.
Qed.

Theorem check_sound : exists R, random_legal l n k R /\ random_competitive l n k R (share p / share q)%Q.
Proof.
  destruct accepted_warm as (_ & _ & Hk & _). exists (mixed mix follows). split.
  - apply mixed_legal; [exact mix_proper | exact mix_fits | exact follows_proper].
  - apply (mixed_upper l n k Hk mix follows mix_proper mix_fits follows_proper balanced w _ worth).
    + apply part_pos.
    + intros σ. unfold worth. rewrite <- share_mult. apply part_pos.
    + exact enough.
Qed.

End Sound.

(** If it accepts, some randomized policy is p/q-competitive. *)
Theorem check_randomized_upper_sound l n k p q M entries :
  check_randomized_upper l n k p q M entries = true ->
  exists R, random_legal l n k R /\ random_competitive l n k R (inject_Z (Z.of_N p) / inject_Z (Z.of_N q)).
Proof. intros H. exact (check_sound l n k p q M entries H). Qed.
