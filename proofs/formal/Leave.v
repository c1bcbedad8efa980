(** * Leave: all that can leave a full cache

    Rows of labels, or of tokens: one that stands for a cached page is turned into one that does not. *)

From Coq Require Import List Arith.
From LayeredPaging Require Import Model Labels.
Import ListNotations.

Section Leave.

Variable A : Type.
Variable held : A -> bool.
Variable without : A -> A.

Fixpoint leave_row (row : list A) : list (list A) :=
  match row with
  | [] => []
  | a :: r => (if held a then [without a :: r] else []) ++ map (cons a) (leave_row r)
  end.

Fixpoint leave (R : list (list A)) : list (list (list A)) :=
  match R with
  | [] => []
  | row :: rest => map (fun row' => row' :: rest) (leave_row row) ++ map (cons row) (leave rest)
  end.

Variable f : page -> A.
Variable v : page.
Hypothesis v_held : held (f v) = true.

(** The page [v] leaves. *)
Definition left_by (p : page) : A := if p =? v then without (f p) else f p.

Lemma left_by_other p : p <> v -> left_by p = f p.
Proof. intros H. unfold left_by. apply Nat.eqb_neq in H. now rewrite H. Qed.

Lemma leave_row_In row : NoDup row -> In v row -> In (map left_by row) (leave_row (map f row)).
Proof.
  intros HN Hv. induction HN as [|a r Ha HN IH]; [easy|]. simpl. apply in_or_app.
  destruct (Nat.eq_dec a v) as [->|Hne].
  - left. rewrite v_held. left. unfold left_by at 1. rewrite Nat.eqb_refl. f_equal. apply map_ext_in.
    intros p Hp. symmetry. apply left_by_other. now intros ->.
  - right. rewrite left_by_other by assumption. apply in_map. apply IH. destruct Hv; [congruence | assumption].
Qed.

Theorem leave_In R : NoDup (concat R) -> In v (concat R) -> In (each left_by R) (leave (each f R)).
Proof.
  intros HN Hv. induction R as [|row rest IH]; [easy|]. simpl in *.
  apply NoDup_app_parts in HN as (H1 & H2 & HD). apply in_or_app. apply in_app_or in Hv as [Hv|Hv].
  - left. replace (each left_by rest) with (each f rest).
    + apply (in_map (fun row' => row' :: each f rest)). now apply leave_row_In.
    + apply each_ext_in. intros p Hp. symmetry. apply left_by_other. intros ->. now apply (HD v).
  - right. replace (map left_by row) with (map f row).
    + apply in_map. now apply IH.
    + apply map_ext_in. intros p Hp. symmetry. apply left_by_other. intros ->. now apply (HD v).
Qed.

End Leave.

Arguments leave_row {A}.
Arguments leave {A}.
Arguments left_by {A}.
