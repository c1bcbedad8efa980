(** * Theorems: what is proved, in one place

    Each statement is written out in the words of Model.v (and of the files named), so that Model.v
    and this file are all that has to be read to know what is claimed. The proofs are in the files
    named. After each one Coq is asked what it rests on: it answers "Closed under the global
    context", nothing but Coq itself. *)

From Coq Require Import List Arith.
From LayeredPaging Require Import Model.
From LayeredPaging Require Offset Lazy.
Import ListNotations.

(** OPT exists: some schedule has the least cost. *)
Theorem opt_exists : forall k, 1 <= k -> forall σ, exists m, is_opt k σ m.
Proof. exact Offset.opt_exists. Qed.
Print Assumptions opt_exists.

(** The number of growths of the offset function is OPT of every prefix. *)
Theorem growths_is_opt : forall k, 1 <= k -> forall σ, is_opt k σ (Offset.growths k σ).
Proof. exact Offset.growths_is_opt. Qed.
Print Assumptions growths_is_opt.

(** A schedule pays for the growths and for the defect of its last cache. *)
Theorem schedule_defect : forall k, 1 <= k -> forall σ C c j, schedule k σ C c -> j <= k ->
  Offset.growths k σ + Offset.above (Offset.levels_of k σ) j C + j <= c + k.
Proof. exact Offset.schedule_defect. Qed.
Print Assumptions schedule_defect.

(** Every optimal cache is held at the end of some schedule that pays only for the growths. *)
Theorem optimal_is_attained : forall k, 1 <= k -> forall σ C,
  NoDup C -> Offset.optimal k (Offset.levels_of k σ) C ->
  exists D c, schedule k σ D c /\ incl C D /\ c <= Offset.growths k σ.
Proof. exact Offset.optimal_is_attained. Qed.
Print Assumptions optimal_is_attained.

(** Lazy schedules are enough: the least cost of a lazy one is OPT. *)
Theorem lazy_schedules_are_enough : forall k σ m, is_opt k σ m ->
  (exists D, Lazy.lazy_schedule k σ D m) /\ (forall D d, Lazy.lazy_schedule k σ D d -> m <= d).
Proof. exact Lazy.lazy_schedules_are_enough. Qed.
Print Assumptions lazy_schedules_are_enough.

(** For every policy there is a lazy one that pays no more on any sequence. *)
Theorem lazify_costs_no_more : forall k l n A, legal l n k A ->
  lazy l n k (Lazy.lazify k A) /\
  (forall σ, layered l n σ -> cost (Lazy.lazify k A) σ <= cost A σ).
Proof. exact Lazy.lazify_costs_no_more. Qed.
Print Assumptions lazify_costs_no_more.
