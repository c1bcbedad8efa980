(** * Potential: a potential proves a ratio

    proofs/soundness.md, Lemma 3 and steps U1, L1 and L2, for deterministic policies and potentials that
    are natural numbers: what a certificate says of its states, once the states are tied to the real
    play. How they are tied to it is the business of the relations [seen] and [reached]; nothing is asked
    of a state itself. Main theorems: [potential_upper], [potential_lower]. *)

From Coq Require Import List Arith Lia.
From LayeredPaging Require Import Model Sets Offset LowerBound Lazy.
Import ListNotations.

Section Potential.

Variables l n k p q : nat.
Variable A : policy.
Hypothesis slots : 1 <= k.

(** The states of a certificate, and their potentials. *)
Variable S : Type.
Variable V : S -> nat.

(** ** From above *)

(** [seen σ s]: after the requests σ the play against [A] is in state [s]. Whatever is requested, some
    state describes the play afterwards, with V(s) >= loads - (p/q) growth + V(s'). *)
Definition defends (seen : list page -> S -> Prop) : Prop :=
  (exists s, seen [] s) /\
  forall σ s x, seen σ s -> layered l n (σ ++ [x]) -> exists s', seen (σ ++ [x]) s' /\
    q * loads (A σ) (A (σ ++ [x])) + V s'
      <= V s + p * (if grows k (levels_of k σ) x then 1 else 0).

Theorem potential_upper seen : defends seen -> competitive l n k A p q.
Proof.
  intros [[s0 H0] Hstep]. exists (V s0).
  assert (H : forall σ, layered l n σ -> exists s, seen σ s /\
    q * cost A σ + V s <= p * growths k σ + V s0).
  { induction σ as [|σ x IH] using snoc_ind; intros Hσ.
    - exists s0. split; [exact H0|]. unfold cost. simpl. lia.
    - destruct IH as (s & Hs & HC); [now apply layered_prefix in Hσ|].
      destruct (Hstep σ s x Hs Hσ) as (s' & Hs' & HV). exists s'. split; [exact Hs'|].
      rewrite cost_snoc, growths_snoc, !Nat.mul_add_distr_l. lia. }
  intros σ m Hσ Hm. rewrite (opt_growths k slots σ m Hm).
  destruct (H σ Hσ) as (s & _ & HC). lia.
Qed.

(** ** From below *)

(** [reached σ g s]: the adversary can lead [A] through the requests σ into state [s], while some
    schedule pays g + c at most. It always has a request with V(s) <= loads - (p/q) growth + V(s'), and
    as long as [A] loads nothing the rank falls: so [A] pays again and again. Potentials are at
    most [M]. *)
Definition attacks (rank : S -> nat) (M c : nat) (reached : list page -> nat -> S -> Prop) : Prop :=
  (exists σ g s, reached σ g s) /\
  forall σ g s, reached σ g s ->
    layered l n σ /\ V s <= M /\ (exists D m, schedule k σ D m /\ m <= g + c) /\
    exists x g' s', reached (σ ++ [x]) g' s' /\
      V s + p * g' <= q * loads (A σ) (A (σ ++ [x])) + p * g + V s' /\
      (1 <= loads (A σ) (A (σ ++ [x])) \/ rank s' < rank s).

(** Until the next load. *)
Lemma to_a_load rank M c reached : attacks rank M c reached -> forall r σ g s,
  rank s <= r -> reached σ g s -> exists τ g' s', reached (σ ++ τ) g' s' /\
    V s + p * g' + q * cost A σ <= q * cost A (σ ++ τ) + p * g + V s' /\
    cost A σ + 1 <= cost A (σ ++ τ).
Proof.
  intros [_ H]. induction r as [|r IH]; intros σ g s Hr Hs;
    destruct (H σ g s Hs) as (_ & _ & _ & x & g' & s' & Hs' & HV & [HL|HR]); try lia.
  1, 2: exists [x], g', s'; rewrite cost_snoc, Nat.mul_add_distr_l; split; [exact Hs' | lia].
  destruct (IH (σ ++ [x]) g' s' ltac:(lia) Hs') as (τ & g'' & s'' & Hs'' & HV' & HC).
  rewrite cost_snoc, Nat.mul_add_distr_l in HV'. rewrite cost_snoc in HC.
  rewrite <- app_assoc in Hs'', HV', HC.
  exists ([x] ++ τ), g'', s''. split; [exact Hs'' | lia].
Qed.

Theorem potential_lower rank M c reached : attacks rank M c reached -> ratio_at_least l n k A p q.
Proof.
  intros H. pose proof H as [(σ0 & g0 & s0 & H0) Hstep].
  assert (P : forall N, exists σ g s, reached σ g s /\ N <= cost A σ /\
    V s0 + p * g + q * cost A σ0 <= q * cost A σ + p * g0 + V s).
  { induction N as [|N (σ & g & s & Hs & HN & HV)].
    - exists σ0, g0, s0. split; [exact H0 | lia].
    - destruct (to_a_load rank M c reached H (rank s) σ g s (le_n _) Hs)
        as (τ & g' & s' & Hs' & HV' & HC).
      exists (σ ++ τ), g', s'. split; [exact Hs' | lia]. }
  apply (lower_bound l n k A slots p q (p * g0 + M + p * c)). intros N.
  destruct (P N) as (σ & g & s & Hs & HN & HV).
  destruct (Hstep σ g s Hs) as (Hσ & HM & (D & m & HD & Hm) & _).
  exists σ, D, m. split; [exact Hσ|]. split; [exact HD|]. split; [|exact HN].
  assert (E : p * m <= p * (g + c)) by now apply Nat.mul_le_mono_l.
  rewrite Nat.mul_add_distr_l in E. lia.
Qed.

End Potential.

(** It is enough to attack lazy policies. *)
Theorem potential_lower_lazy l n k p q : 1 <= k ->
  (forall A, lazy l n k A -> exists (S : Type) (V rank : S -> nat) M c reached,
    attacks l n k p q A S V rank M c reached) ->
  forall A, legal l n k A -> ratio_at_least l n k A p q.
Proof.
  intros slots H A HA. destruct (lazify_costs_no_more k l n A HA) as [HL _].
  destruct (H _ HL) as (S & V & rank & M & c & reached & HR).
  pose proof (potential_lower l n k p q (lazify k A) slots S V rank M c reached HR) as HB.
  intros p' q' Hq Hlt HC. apply (HB p' q' Hq Hlt). now apply competitive_lazify.
Qed.
