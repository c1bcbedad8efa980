(** * Offset: OPT of every prefix, online

    Theory: the offset function of Koutsoupias and Papadimitriou, as in proofs/notes/guided-upper.md.
    Every page has a level from 1 to k+1; the pages of level i <= k are the set L_i, those of level
    k+1 are in no set. (Empty slots, which the notes count as pages of the sets, are not needed
    here: a cache may have fewer than k pages, and [optimal] is said in terms of the pages that are
    *outside* L_1, ..., L_j.)

    Main theorems: [growths_is_opt], the number of growths is the least cost of a schedule;
    [schedule_defect], a schedule that ends with a cache that is not optimal pays for it;
    [optimal_is_attained], every optimal cache is contained in the last one of a schedule of that cost. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets.
Import ListNotations.

Section Offset.

Variable k : nat.

Definition levels := page -> nat.

(** No page has been requested yet. *)
Definition start : levels := fun _ => S k.

(** The update rule. On a request [p] of level at most k every other page of level at most that of
    [p] goes up by one; on a request outside the page of level 1 goes to level 2; [p] gets level 1. *)
Definition request (L : levels) (p : page) : levels := fun q =>
  if q =? p then 1
  else if L p <=? k then (if L q <=? L p then S (L q) else L q)
  else (if L q =? 1 then 2 else L q).

(** A request of a page in no set is a growth. *)
Definition grows (L : levels) (p : page) : bool := k <? L p.

Definition levels_of (σ : list page) : levels := fold_left request σ start.

Fixpoint growths_from (L : levels) (σ : list page) : nat :=
  match σ with
  | [] => 0
  | p :: rest => (if grows L p then 1 else 0) + growths_from (request L p) rest
  end.

Definition growths (σ : list page) : nat := growths_from start σ.

(** The number of pages of [C] above level [j]: outside L_1, ..., L_j. *)
Definition above (L : levels) (j : nat) (C : cache) : nat := count (fun q => j <? L q) C.

(** [C] is optimal: at most k - j of its pages are outside L_1, ..., L_j, for every j. For a full
    cache this says |C ∩ (L_1 ∪ ... ∪ L_j)| >= j. *)
Definition optimal (L : levels) (C : cache) : Prop := forall j, j <= k -> above L j C + j <= k.

(** ** One request at a time *)

Lemma levels_snoc σ p : levels_of (σ ++ [p]) = request (levels_of σ) p.
Proof. unfold levels_of. now rewrite fold_left_app. Qed.

Lemma growths_from_app L σ τ :
  growths_from L (σ ++ τ) = growths_from L σ + growths_from (fold_left request σ L) τ.
Proof. revert L. induction σ as [|p σ IH]; intros L; simpl; [|rewrite IH]; lia. Qed.

Lemma growths_snoc σ p :
  growths (σ ++ [p]) = growths σ + (if grows (levels_of σ) p then 1 else 0).
Proof. unfold growths, levels_of. rewrite growths_from_app. simpl. lia. Qed.

Lemma grows_true L p : grows L p = true -> k < L p.
Proof. apply Nat.ltb_lt. Qed.

Lemma grows_false L p : grows L p = false -> L p <= k.
Proof. apply Nat.ltb_ge. Qed.

Lemma request_same L p : request L p p = 1.
Proof. unfold request. now rewrite Nat.eqb_refl. Qed.

Lemma request_growth L p q : q <> p -> k < L p ->
  request L p q = if L q =? 1 then 2 else L q.
Proof.
  intros Hq Hp. unfold request. apply Nat.eqb_neq in Hq. rewrite Hq.
  apply Nat.leb_gt in Hp. now rewrite Hp.
Qed.

Lemma request_inside L p q : q <> p -> L p <= k ->
  request L p q = if L q <=? L p then S (L q) else L q.
Proof.
  intros Hq Hp. unfold request. apply Nat.eqb_neq in Hq. rewrite Hq.
  apply Nat.leb_le in Hp. now rewrite Hp.
Qed.

(** Levels are from 1 to k+1. *)
Lemma levels_pos σ q : 1 <= levels_of σ q.
Proof.
  induction σ as [|σ p IH] using snoc_ind; [cbv; lia|]. rewrite levels_snoc. unfold request.
  repeat match goal with |- context [if ?b then _ else _] => destruct b end; lia.
Qed.

(** ** How the sets L_1 ∪ ... ∪ L_j move (section 2.3 of the theory, set by set) *)

(** A growth: ({p}, L_1 ∪ L_2, L_3, ..., L_k). *)
Lemma growth_up_to σ p q j : k < levels_of σ p -> 2 <= j ->
  (levels_of (σ ++ [p]) q <= j <-> q = p \/ levels_of σ q <= j).
Proof.
  intros Hp Hj. rewrite levels_snoc. destruct (Nat.eq_dec q p) as [->|Hq].
  - rewrite request_same. split; [now left | lia].
  - rewrite request_growth by assumption. destruct (_ =? 1) eqn:E.
    + apply Nat.eqb_eq in E. lia.
    + lia.
Qed.

(** A request of level i, up to level i: ({p}, L_1, ..., L_(i-1), ...). *)
Lemma inside_up_to_low σ p q j : levels_of σ p <= k -> j < levels_of σ p ->
  (levels_of (σ ++ [p]) q <= S j <-> q = p \/ levels_of σ q <= j).
Proof.
  intros Hp Hj. rewrite levels_snoc. destruct (Nat.eq_dec q p) as [->|Hq].
  - rewrite request_same. split; [now left | lia].
  - rewrite request_inside by assumption. destruct (_ <=? _) eqn:E.
    + apply Nat.leb_le in E. lia.
    + apply Nat.leb_gt in E. lia.
Qed.

(** A request of level i, above level i: the union L_1 ∪ ... ∪ L_j is the old one for j > i. *)
Lemma inside_up_to_high σ p q j : levels_of σ p <= k -> levels_of σ p < j ->
  (levels_of (σ ++ [p]) q <= j <-> levels_of σ q <= j).
Proof.
  intros Hp Hj. rewrite levels_snoc. destruct (Nat.eq_dec q p) as [->|Hq].
  - rewrite request_same. lia.
  - rewrite request_inside by assumption. destruct (_ <=? _) eqn:E.
    + apply Nat.leb_le in E. lia.
    + apply Nat.leb_gt in E. lia.
Qed.

(** Level 1 is the page requested last, and no other. *)
Lemma level_one σ p q : levels_of (σ ++ [p]) q = 1 <-> q = p.
Proof.
  rewrite levels_snoc. destruct (Nat.eq_dec q p) as [->|Hq]; [now rewrite request_same|].
  split; [|contradiction]. pose proof (levels_pos σ q) as Hpos.
  destruct (Nat.le_gt_cases (levels_of σ p) k).
  - rewrite request_inside by assumption. destruct (_ <=? _) eqn:E; [lia|].
    apply Nat.leb_gt in E. pose proof (levels_pos σ p). lia.
  - rewrite request_growth by assumption. destruct (_ =? 1) eqn:E; [lia|].
    apply Nat.eqb_neq in E. lia.
Qed.

(** ** Every schedule pays for the growths, and for the defect of its cache *)

Lemma above_loads L j C D : NoDup D -> above L j D <= above L j C + loads C D.
Proof. intros. now apply count_loads. Qed.

(** If [p] is in [C] and above level [j] before, but not counted afterwards, the count falls. *)
Lemma above_falls L L' i j p C :
  NoDup C -> In p C -> i < L p -> (forall q, In q C -> j < L' q -> q <> p /\ i < L q) ->
  above L' j C + 1 <= above L i C.
Proof.
  intros HN Hp Hi H. unfold above. rewrite <- (count_evict (fun q => i <? L q) p C HN Hp).
  apply Nat.ltb_lt in Hi. cbv beta. rewrite Hi. apply Nat.add_le_mono_r. apply count_le; [exact HN|].
  intros q Hq Hj. apply Nat.ltb_lt in Hj. destruct (H q Hq Hj) as [Hne Hiq].
  split; [now apply In_evict | now apply Nat.ltb_lt].
Qed.

(** A schedule of cost [c] that ends with cache [C] has c >= growths + (|C outside L_1..L_j| - (k-j))
    for every j; with j = k in particular c >= growths. *)
Theorem schedule_defect σ C c j :
  schedule k σ C c -> j <= k -> growths σ + above (levels_of σ) j C + j <= c + k.
Proof.
  intros H. revert j. induction H as [|σ C c p D HS IH [HN HL] Hp]; intros j Hj.
  { cbn. lia. }
  pose proof (above_loads (levels_of σ) j C D HN) as HA.
  rewrite growths_snoc. destruct (grows (levels_of σ) p) eqn:G.
  - apply grows_true in G.
    assert (HD : 1 <= above (levels_of σ) k C + loads C D).
    { destruct (in_dec Nat.eq_dec p C) as [Hc|Hc].
      - assert (1 <= above (levels_of σ) k C); [|lia].
        apply (count_In _ C p Hc). now apply Nat.ltb_lt.
      - pose proof (loads_miss C D p Hp Hc). lia. }
    pose proof (IH k (le_n k)) as IHk.
    destruct (Nat.le_gt_cases 2 j) as [H2|H2].
    + specialize (IH j Hj).
      assert (above (levels_of (σ ++ [p])) j D + 1 <= above (levels_of σ) j D); [|lia].
      apply (above_falls _ _ _ _ p); auto; [lia|]. intros q _ Hq.
      pose proof (growth_up_to σ p q j G H2). split; [intros ->|]; lia.
    + assert (above (levels_of (σ ++ [p])) j D + j <= k); [|lia].
      destruct j as [|j]; [unfold above; pose proof (count_le_length (fun q => 0 <? levels_of (σ ++ [p]) q) D); lia|].
      assert (j = 0) by lia. subst j.
      pose proof (above_falls (fun _ => 1) (levels_of (σ ++ [p])) 0 1 p D HN Hp) as HF.
      unfold above at 2 in HF. rewrite count_true in HF by reflexivity.
      assert (above (levels_of (σ ++ [p])) 1 D + 1 <= length D); [|lia].
      apply HF; [lia|]. intros q _ Hq. split; [|lia]. intros ->.
      rewrite levels_snoc, request_same in Hq. lia.
  - apply grows_false in G.
    destruct (Nat.le_gt_cases j (levels_of σ p)) as [Hle|Hgt].
    + destruct j as [|j].
      * specialize (IH 0 (Nat.le_0_l k)).
        assert (above (levels_of (σ ++ [p])) 0 D <= above (levels_of σ) 0 D); [|lia].
        apply count_imp. intros q _ _. apply Nat.ltb_lt. apply levels_pos.
      * specialize (IH j ltac:(lia)). pose proof (above_loads (levels_of σ) j C D HN) as HA'.
        assert (above (levels_of (σ ++ [p])) (S j) D + 1 <= above (levels_of σ) j D); [|lia].
        apply (above_falls _ _ _ _ p); auto. intros q _ Hq.
        pose proof (inside_up_to_low σ p q j G Hle). split; [intros ->|]; lia.
    + specialize (IH j Hj).
      assert (above (levels_of (σ ++ [p])) j D <= above (levels_of σ) j D); [|lia].
      apply count_imp. intros q _ Hq. apply Nat.ltb_lt in Hq. apply Nat.ltb_lt.
      pose proof (inside_up_to_high σ p q j G Hgt). lia.
Qed.

(** ** Every optimal cache is attained *)

Hypothesis slots : 1 <= k.

Lemma levels_le σ q : levels_of σ q <= S k.
Proof.
  induction σ as [|σ p IH] using snoc_ind; [cbv; lia|]. rewrite levels_snoc. unfold request.
  destruct (q =? p); [lia|]. destruct (_ <=? k) eqn:E1.
  - apply Nat.leb_le in E1. destruct (_ <=? levels_of σ p) eqn:E2; [|lia].
    apply Nat.leb_le in E2. lia.
  - destruct (_ =? 1); lia.
Qed.

(** A page that was never requested is in no set. *)
Lemma levels_fresh σ q : ~ In q σ -> levels_of σ q = S k.
Proof.
  induction σ as [|σ p IH] using snoc_ind; [reflexivity|]. intros H. rewrite in_app_iff in H.
  assert (IH' : levels_of σ q = S k) by (apply IH; tauto).
  assert (Hq : q <> p) by (intros ->; apply H; right; now left).
  rewrite levels_snoc. destruct (Nat.le_gt_cases (levels_of σ p) k).
  - rewrite request_inside, IH' by assumption.
    destruct (_ <=? _) eqn:E; [apply Nat.leb_le in E; lia | reflexivity].
  - rewrite request_growth, IH' by assumption. now destruct k; [lia|].
Qed.

Lemma optimal_length σ C : optimal (levels_of σ) C -> length C <= k.
Proof.
  intros H. specialize (H 0 (Nat.le_0_l k)). unfold above in H. rewrite count_true in H; [lia|].
  intros q _. apply Nat.ltb_lt. apply levels_pos.
Qed.

Theorem optimal_is_attained σ C :
  NoDup C -> optimal (levels_of σ) C ->
  exists D c, schedule k σ D c /\ incl C D /\ c <= growths σ.
Proof.
  revert C. induction σ as [|σ p IH] using snoc_ind; intros C HN HC.
  { exists [], 0. split; [constructor|]. split; [|auto]. intros q Hq. exfalso.
    pose proof (HC k (le_n k)) as H. assert (1 <= above (levels_of []) k C); [|lia].
    apply (count_In _ C q Hq). apply Nat.ltb_lt. cbv. lia. }
  assert (HNp : NoDup (p :: evict p C)).
  { constructor; [|now apply NoDup_evict]. rewrite In_evict. tauto. }
  assert (Hincl : incl C (p :: evict p C)).
  { intros q Hq. destruct (Nat.eq_dec p q) as [|]; [now left|]. right. apply In_evict. auto. }
  rewrite growths_snoc. destruct (grows (levels_of σ) p) eqn:G.
  - (* a growth: serve the past so that C without p is there, then load p *)
    apply grows_true in G.
    assert (HE : forall j, above (levels_of σ) j (evict p C) <= above (levels_of (σ ++ [p])) j C).
    { intros j. apply count_le; [now apply NoDup_evict|]. intros q Hq Hj.
      apply In_evict in Hq as [Hq Hne]. split; [exact Hq|].
      apply Nat.ltb_lt in Hj. apply Nat.ltb_lt. rewrite levels_snoc, request_growth by assumption.
      destruct (_ =? 1) eqn:E; [apply Nat.eqb_eq in E; lia | exact Hj]. }
    destruct (IH (evict p C)) as (D & c & HS & HD & Hc).
    { now apply NoDup_evict. }
    { intros j Hj. specialize (HE j). specialize (HC j Hj). lia. }
    exists (p :: evict p C), (c + loads D (p :: evict p C)). split; [|split; [exact Hincl|]].
    + constructor; [exact HS | split; [exact HNp|] | now left]. simpl.
      assert (length (evict p C) <= above (levels_of (σ ++ [p])) 1 C).
      { rewrite <- (count_true (fun _ => true) (evict p C)) by reflexivity.
        apply count_le; [now apply NoDup_evict|]. intros q Hq _. apply In_evict in Hq as [Hq Hne].
        split; [exact Hq|]. apply Nat.ltb_lt. pose proof (level_one σ p q) as H1.
        pose proof (levels_pos (σ ++ [p]) q). assert (levels_of (σ ++ [p]) q <> 1) by tauto. lia. }
      specialize (HC 1 slots). lia.
    + assert (loads D (p :: evict p C) <= 1); [|lia]. apply (loads_one _ _ p HNp).
      intros q [<-|Hq]; [now left | right; now apply HD].
  - (* no growth: C with p was optimal before *)
    apply grows_false in G.
    destruct (IH (p :: evict p C) HNp) as (D & c & HS & HD & Hc).
    { intros j Hj. unfold above. rewrite count_cons. fold (above (levels_of σ) j (evict p C)).
      destruct (j <? levels_of σ p) eqn:E.
      - apply Nat.ltb_lt in E. specialize (HC (S j) ltac:(lia)).
        assert (above (levels_of σ) j (evict p C) <= above (levels_of (σ ++ [p])) (S j) C); [|lia].
        apply count_le; [now apply NoDup_evict|]. intros q Hq Hjq.
        apply In_evict in Hq as [Hq Hne]. split; [exact Hq|].
        apply Nat.ltb_lt in Hjq. apply Nat.ltb_lt. pose proof (inside_up_to_low σ p q j G E). lia.
      - apply Nat.ltb_ge in E. specialize (HC j Hj).
        assert (above (levels_of σ) j (evict p C) <= above (levels_of (σ ++ [p])) j C); [|lia].
        apply count_le; [now apply NoDup_evict|]. intros q Hq Hjq.
        apply In_evict in Hq as [Hq Hne]. split; [exact Hq|].
        apply Nat.ltb_lt in Hjq. apply Nat.ltb_lt. rewrite levels_snoc, request_inside by assumption.
        destruct (_ <=? levels_of σ p); lia. }
    exists (p :: evict p C), (c + loads D (p :: evict p C)). split; [|split; [exact Hincl|]].
    + constructor; [exact HS | split; [exact HNp|] | now left].
      apply Nat.le_trans with (length D); [now apply NoDup_incl_length|].
      now apply schedule_fits in HS as [_ ?].
    + rewrite loads_refl by exact HD. lia.
Qed.

(** ** The number of growths is OPT *)

Theorem growths_is_opt σ : is_opt k σ (growths σ).
Proof.
  assert (LB : forall C c, schedule k σ C c -> growths σ <= c).
  { intros C c H. pose proof (schedule_defect σ C c k H (le_n k)). lia. }
  split; [|exact LB].
  destruct (optimal_is_attained σ []) as (D & c & HS & _ & Hc).
  { constructor. }
  { intros j Hj. cbn. lia. }
  exists D. replace (growths σ) with c; [exact HS|]. specialize (LB D c HS). lia.
Qed.

Corollary opt_exists σ : exists m, is_opt k σ m.
Proof. exists (growths σ). apply growths_is_opt. Qed.

Corollary opt_growths σ m : is_opt k σ m -> m = growths σ.
Proof. intros H. eapply is_opt_unique; [exact H | apply growths_is_opt]. Qed.

End Offset.
