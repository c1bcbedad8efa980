(** * CheckTable: checkers of certificates that bring a policy with them, as a table

    proofs/soundness.md, `deterministic-upper`, and `policy-upper` and `policy-lower` with `moves`. Main
    theorems: [check_deterministic_upper_sound], [check_table_upper_sound], [check_table_lower_sound],
    [check_table_infinite_sound]. *)

From Coq Require Import List Arith NArith Lia Bool.
From LayeredPaging Require Import Model Labels Table Warm Claims Machine CheckMachine.
Import ListNotations.

(** For positions of a state, the tokens after the request. *)
Record moved := Moved { moves_at : state; moves : list (nat * list (list nat)) }.

Definition table_answer (T : table moved) (s : state) (j : nat) : option (list (list nat)) :=
  match look_up moved moves_at T s with
  | None => None
  | Some e => match find (fun m => fst m =? j) (moves e) with
              | None => None
              | Some m => Some (snd m)
              end
  end.

Definition answers (table : list moved) := table_answer (tabulate moved moves_at table).

(** ** Some policy, from full caches on *)

Definition full_tokens (l n k : nat) : list nat :=
  map (fun x => if mem x (full l n k) then 1 else 0) (seq 0 (l * n)).

Definition check_deterministic_upper (l n k : nat) (p q d : N) (table : list moved) (entries : list valued) : bool :=
  (1 <=? d)%N &&
  upper l n k (answers table) (warm l n k) (full_tokens l n k) [] (d * p) (d * q) entries.

Theorem check_deterministic_upper_sound l n k p q d table entries :
  check_deterministic_upper l n k p q d table entries = true ->
  exists A, legal l n k A /\ competitive l n k A (N.to_nat p) (N.to_nat q).
Proof.
  intros H. apply andb_prop in H as [Hd H]. apply leb_to_nat in Hd.
  exists (policy_of l n k (answers table) (warm l n k) (full_tokens l n k) []). split.
  - exact (upper_legal _ _ _ _ _ _ _ _ _ _ H).
  - apply (competitive_scaled _ _ _ _ _ _ (N.to_nat d)); [exact Hd|]. rewrite <- !N2Nat.inj_mul.
    apply (upper_sound _ _ _ _ _ _ _ _ _ _ H), policy_of_follows.
Qed.

(** ** The policy of a table, from empty caches on *)

Section Table.

Variables l n k : nat.
(** Tokens before the first request, and the moves. *)
Variable first : list nat.
Variable table : list moved.

(** [A] begins empty and keeps the caches that the table says, as long as it says something. *)
Definition table_follows : policy -> Prop := follows l n k (answers table) [] first (seq 1 k).

(** The table as a policy. *)
Definition table_policy : policy := policy_of l n k (answers table) [] first (seq 1 k).

Theorem table_policy_follows : table_follows table_policy.
Proof. apply policy_of_follows. Qed.

Definition check_table_upper := empty_upper l n k (answers table) first.

Theorem check_table_upper_sound p q d entries : check_table_upper p q d entries = true ->
  legal l n k table_policy /\
  forall A, table_follows A -> competitive l n k A (N.to_nat p) (N.to_nat q).
Proof.
  intros H. split; [exact (empty_upper_legal _ _ _ _ _ _ _ _ _ H)|].
  intros A. exact (empty_upper_sound _ _ _ _ _ _ _ _ _ H A).
Qed.

Definition check_table_lower := empty_lower l n k (answers table) first.

Theorem check_table_lower_sound p q prefix cycle : check_table_lower p q prefix cycle = true ->
  forall A, table_follows A -> ratio_at_least l n k A (N.to_nat p) (N.to_nat q).
Proof. intros H A. exact (empty_lower_sound _ _ _ _ _ _ _ _ _ H A). Qed.

Definition check_table_infinite := empty_infinite l n k (answers table) first.

Theorem check_table_infinite_sound prefix cycle : check_table_infinite prefix cycle = true ->
  forall A, table_follows A -> no_finite_ratio l n k A.
Proof. intros H A. exact (empty_infinite_sound _ _ _ _ _ _ _ H A). Qed.

End Table.
