(** * Canonical: a state is the same however the pages stand

    proofs/soundness.md, Lemma 2: rows that hold the same labels are the same row when they are sorted. So what an
    adversary sees of a play, a sorted view of labels that do not tell the caches, depends on the requests
    alone. Main theorem: [canonical]. *)

From Coq Require Import List Arith Lia Bool Permutation.
From LayeredPaging Require Import Model Labels.
Import ListNotations.

Lemma before_total a b : before a b = false -> before b a = true.
Proof.
  unfold before. rewrite orb_false_iff, andb_false_iff, orb_true_iff, andb_true_iff.
  rewrite !Nat.ltb_ge, !Nat.ltb_lt, !Nat.leb_gt, !Nat.eqb_neq, Nat.eqb_eq, Nat.leb_le. lia.
Qed.

Lemma before_antisym a b : before a b = true -> before b a = true -> a = b.
Proof.
  unfold before. rewrite !orb_true_iff, !andb_true_iff, !Nat.ltb_lt, !Nat.eqb_eq, !Nat.leb_le.
  destruct a, b. simpl. intros. f_equal; lia.
Qed.

Lemma before_trans a b c : before a b = true -> before b c = true -> before a c = true.
Proof.
  unfold before. rewrite !orb_true_iff, !andb_true_iff, !Nat.ltb_lt, !Nat.eqb_eq, !Nat.leb_le. lia.
Qed.

Notation ins := (insert (fun b : label => b)).

Lemma insert_insert a b row : ins a (ins b row) = ins b (ins a row).
Proof.
  induction row as [|c r IH]; simpl.
  - destruct (before a b) eqn:E, (before b a) eqn:F; try reflexivity.
    + now rewrite (before_antisym a b E F).
    + apply before_total in E. congruence.
  - destruct (before b c) eqn:B, (before a c) eqn:A; simpl; rewrite ?A, ?B.
    + destruct (before a b) eqn:E, (before b a) eqn:F; try reflexivity.
      * now rewrite (before_antisym a b E F).
      * apply before_total in E. congruence.
    + destruct (before a b) eqn:E; [|reflexivity]. pose proof (before_trans _ _ _ E B). congruence.
    + destruct (before b a) eqn:E; [|reflexivity]. pose proof (before_trans _ _ _ E A). congruence.
    + now rewrite IH.
Qed.

Lemma sort_canonical a b : Permutation a b -> sort (fun c => c) a = sort (fun c : label => c) b.
Proof.
  induction 1 as [|x a b H IH|x y a|a b c H1 IH1 H2 IH2]; simpl; [reflexivity | now rewrite IH | | congruence].
  apply insert_insert.
Qed.

(** The pages at time [t], row by row. *)
Definition rows_at (l n t : nat) : list (list page) := Nat.iter t turn (in_order l n).

Section Canonical.

Variables l n : nat.
Hypothesis layers : 1 <= l.

Lemma arranged_rows_at t : 1 <= n -> arranged l n t (rows_at l n t).
Proof.
  intros Hn. induction t as [|t IH]; [now apply arranged_in_order|]. now apply arranged_turn.
Qed.

(** The same pages are in the same rows. *)
Lemma arranged_Permutation t P P' : arranged l n t P -> arranged l n t P' -> Forall2 (@Permutation page) P P'.
Proof.
  intros (HL & HN & HR) (HL' & HN' & HR').
  assert (HE : forall j row row', nth_error P j = Some row -> nth_error P' j = Some row' -> forall p,
    In p row <-> In p row').
  { intros j row row' Hj Hj' p. now rewrite (HR j row Hj), (HR' j row' Hj'). }
  rewrite <- HL' in HL. clear HR HR' HL'. revert P' HL HN' HE.
  induction P as [|row P IH]; intros [|row' P'] HL HN' HE; try discriminate; constructor.
  - simpl in HN, HN'. apply NoDup_Permutation.
    + now apply NoDup_app_parts in HN.
    + now apply NoDup_app_parts in HN'.
    + exact (HE 0 row row' eq_refl eq_refl).
  - simpl in HN, HN'. apply IH.
    + now apply NoDup_app_parts in HN.
    + now injection HL.
    + now apply NoDup_app_parts in HN'.
    + intros j. exact (HE (S j)).
Qed.

Theorem canonical (f : page -> label) t P P' : arranged l n t P -> arranged l n t P' ->
  map (sort (fun b => b)) (each f P) = map (sort (fun b => b)) (each f P').
Proof.
  intros H H'. pose proof (arranged_Permutation t P P' H H') as HF. unfold each. rewrite !map_map.
  clear H H'. induction HF as [|row row' P P' HP HF IH]; [reflexivity|]. simpl. f_equal; [|exact IH].
  apply sort_canonical. now apply Permutation_map.
Qed.

End Canonical.
