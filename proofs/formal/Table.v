(** * Table: the states of a certificate, to be looked up

    A state is rows of labels and a memory. A table is made from a list of entries, each for a state; what
    it finds is an entry of this list for this state. Nothing else is used of it. *)

From Coq Require Import List Arith PArith FMapPositive.
Import ListNotations.

Definition state := (list (list (nat * nat)) * list nat)%type.

Definition state_eq_dec (s s' : state) : {s = s'} + {s <> s'}.
Proof. repeat decide equality. Defined.

(** A number for a state, so that tables are fast. That different states have different numbers is not
    used. *)
Fixpoint ones (m : nat) (acc : positive) : positive :=
  match m with
  | 0 => xO acc
  | S m => xI (ones m acc)
  end.

Definition number (s : state) : positive :=
  fold_right (fun row acc => fold_right (fun b acc => ones (fst b) (ones (snd b) acc)) acc row)
    (fold_right ones xH (snd s)) (fst s).

Section Table.

Variable entry : Type.
Variable state_of : entry -> state.

Definition table := PositiveMap.t entry.

Definition tabulate (entries : list entry) : table :=
  fold_right (fun e T => PositiveMap.add (number (state_of e)) e T) (PositiveMap.empty entry) entries.

Definition look_up (T : table) (s : state) : option entry :=
  match PositiveMap.find (number s) T with
  | Some e => if state_eq_dec (state_of e) s then Some e else None
  | None => None
  end.

Theorem look_up_spec entries s e :
  look_up (tabulate entries) s = Some e -> In e entries /\ state_of e = s.
Proof.
  unfold look_up. destruct (PositiveMap.find _ _) as [e'|] eqn:F; [|discriminate].
  destruct (state_eq_dec _ _) as [<-|]; [|discriminate]. intros H. injection H as <-. split; [|reflexivity].
  revert F. generalize (number (state_of e')). intros i. induction entries as [|a r IH]; simpl; intros F.
  - now rewrite PositiveMap.gempty in F.
  - destruct (Pos.eq_dec i (number (state_of a))) as [->|Hi].
    + rewrite PositiveMap.gss in F. injection F as ->. now left.
    + rewrite PositiveMap.gso in F by assumption. right. now apply IH.
Qed.

End Table.
