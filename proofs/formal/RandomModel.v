(** * RandomModel: randomized policies, in the words that every theorem about them uses

    Beside Model.v, this is what has to be trusted of what is said about randomized policies. It holds no
    proof. The adversary is oblivious: it chooses the requests before anything is drawn. *)

From Coq Require Import List QArith.
From LayeredPaging Require Import Model.
Import ListNotations.

(** ** Distributions *)

(** Finitely many things that can happen, each with its probability, a rational number. *)
Definition distribution (A : Type) := list (A * Q).

Fixpoint expect {A} (d : distribution A) (f : A -> Q) : Q :=
  match d with
  | [] => 0
  | (a, probability) :: rest => probability * f a + expect rest f
  end.

(** No probability is negative, and they add up to 1. *)
Definition proper {A} (d : distribution A) : Prop :=
  (forall a, In a d -> 0 <= snd a) /\ expect d (fun _ => 1) == 1.

(** ** Randomized online policies *)

(** From the requests so far, the last of them just made, and from the caches that it has held so far, the
    latest first, a policy says with which probabilities it holds which cache next. So it may remember all
    that it has drawn; it knows no future requests. *)
Definition random_policy := list page -> list cache -> distribution cache.

(** Every cache that it may draw is legal: not more than [k] pages, the requested one among them. *)
Definition random_legal (l n k : nat) (R : random_policy) : Prop :=
  forall σ p held, layered l n (σ ++ [p]) ->
    proper (R (σ ++ [p]) held) /\
    forall C, In C (map fst (R (σ ++ [p]) held)) -> fits k C /\ In p C.

(** What it pays from here on, on average. At the start it has held no cache: the first is loaded page by page. *)
Fixpoint expected_after (R : random_policy) (past : list page) (held : list cache) (future : list page) : Q :=
  match future with
  | [] => 0
  | p :: rest =>
      expect (R (past ++ [p]) held) (fun C =>
        inject_Z (Z.of_nat (loads (hd [] held) C)) + expected_after R (past ++ [p]) (C :: held) rest)
  end.

(** All that [R] pays on [σ], on average. *)
Definition expected_cost (R : random_policy) (σ : list page) : Q := expected_after R [] [] σ.

(** A policy that draws nothing. *)
Definition certain (A : policy) : random_policy := fun σ _ => [(A σ, 1)].

(** ** Competitive ratios *)

(** E[ALG] <= r OPT + constant on every layered sequence, with one constant for all of them. *)
Definition random_competitive (l n k : nat) (R : random_policy) (r : Q) : Prop :=
  exists c, forall σ m, layered l n σ -> is_opt k σ m -> expected_cost R σ <= r * inject_Z (Z.of_nat m) + c.

(** The competitive ratio of [R] is at least [r]: no smaller number will do. *)
Definition random_ratio_at_least (l n k : nat) (R : random_policy) (r : Q) : Prop :=
  forall r', r' < r -> ~ random_competitive l n k R r'.
