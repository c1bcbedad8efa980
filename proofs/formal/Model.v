(** * Model: the problem, in the words that every theorem uses

    This file is what has to be trusted, together with Coq itself: every theorem of this folder
    speaks of these definitions and of no others. It holds no proof. Parameters, everywhere:
    [l] layers, [n] experts in each layer, [k] slots of the cache. *)

From Coq Require Import List Arith.
Import ListNotations.

(** ** Pages and requests *)

(** A page is a number: page = layer * n + expert, both counted from 0. *)
Notation page := nat (only parsing).

Definition layer (n : nat) (p : page) : nat := p / n.

(** A sequence of requests visits the layers in turn: request [t] is a page of layer [t mod l]. *)
Definition layered (l n : nat) (σ : list page) : Prop :=
  forall t p, nth_error σ t = Some p -> p < l * n /\ layer n p = t mod l.

(** ** Caches *)

(** A cache is a list of pages without repetition, at most [k] of them; the order means nothing. *)
Definition cache := list page.

Definition fits (k : nat) (C : cache) : Prop := NoDup C /\ length C <= k.

(** Whether page [p] is in [C]. *)
Definition mem (p : page) (C : cache) : bool := existsb (Nat.eqb p) C.

(** What it costs to go from cache [C] to [C']: the number of pages loaded. Evicting is free. *)
Definition loads (C C' : cache) : nat := length (filter (fun p => negb (mem p C)) C').

(** ** Schedules and the offline optimum *)

(** [schedule k σ C c]: the requests [σ], in this order, can be served from an empty cache of [k]
    slots at cost [c], so that [C] is the cache at the end. After each request its page is in the
    cache. Nothing else is asked: a schedule may load several pages at once, load a page that was not
    requested, or evict without need. *)
Inductive schedule (k : nat) : list page -> cache -> nat -> Prop :=
| schedule_start : schedule k [] [] 0
| schedule_serve σ C c p C' :
    schedule k σ C c -> fits k C' -> In p C' -> schedule k (σ ++ [p]) C' (c + loads C C').

(** [is_opt k σ m]: [m] is the least cost of a schedule. (It exists for [k >= 1]: [opt_exists] in
    Offset.v. Lazy schedules do as well: [lazy_schedules_are_enough] in Lazy.v.) *)
Definition is_opt (k : nat) (σ : list page) (m : nat) : Prop :=
  (exists C, schedule k σ C m) /\ (forall C c, schedule k σ C c -> m <= c).

(** ** Deterministic online policies *)

(** A policy says which pages are cached after the requests so far; it knows no others. *)
Definition policy := list page -> cache.

(** A legal policy begins with an empty cache, never has more than [k] pages, and has the requested
    page in its cache. It may load what it likes, at its cost. *)
Definition legal (l n k : nat) (A : policy) : Prop :=
  A [] = [] /\
  forall σ p, layered l n (σ ++ [p]) -> fits k (A (σ ++ [p])) /\ In p (A (σ ++ [p])).

Fixpoint cost_after (A : policy) (past future : list page) : nat :=
  match future with
  | [] => 0
  | p :: rest => loads (A past) (A (past ++ [p])) + cost_after A (past ++ [p]) rest
  end.

(** All that policy [A] pays on [σ]. *)
Definition cost (A : policy) (σ : list page) : nat := cost_after A [] σ.

(** ** Lazy moves *)

Definition same (C C' : cache) : Prop := forall q, In q C <-> In q C'.

Definition evict (q : page) (C : cache) : cache := remove Nat.eq_dec q C.

(** One request [p], served lazily: on a hit the cache stays; on a miss [p] enters, and exactly one
    other page leaves if the cache was full, none if it was not. *)
Definition lazy_move (k : nat) (C : cache) (p : page) (C' : cache) : Prop :=
  (In p C /\ same C' C) \/
  (~ In p C /\ length C < k /\ same C' (p :: C)) \/
  (~ In p C /\ length C = k /\ exists q, In q C /\ same C' (p :: evict q C)).

(** A lazy policy makes lazy moves only. *)
Definition lazy (l n k : nat) (A : policy) : Prop :=
  legal l n k A /\
  forall σ p, layered l n (σ ++ [p]) -> lazy_move k (A σ) p (A (σ ++ [p])).

(** ** Competitive ratios, as fractions p/q *)

(** [A] is p/q-competitive: ALG <= (p/q) OPT + constant on every layered sequence, with one constant
    for all of them. *)
Definition competitive (l n k : nat) (A : policy) (p q : nat) : Prop :=
  exists c, forall σ m, layered l n σ -> is_opt k σ m -> q * cost A σ <= p * m + c.

(** The competitive ratio of [A] is at least p/q: no smaller fraction p'/q' will do. *)
Definition ratio_at_least (l n k : nat) (A : policy) (p q : nat) : Prop :=
  forall p' q', 0 < q' -> p' * q < p * q' -> ~ competitive l n k A p' q'.

(** The competitive ratio of [A] is exactly p/q. *)
Definition ratio_is (l n k : nat) (A : policy) (p q : nat) : Prop :=
  competitive l n k A p q /\ ratio_at_least l n k A p q.

(** No fraction will do. *)
Definition no_finite_ratio (l n k : nat) (A : policy) : Prop :=
  forall p q, 0 < q -> ~ competitive l n k A p q.
