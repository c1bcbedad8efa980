(** * LowerBound: how a lower bound on a competitive ratio is shown

    Long sequences, some schedule for each, and what the policy pays: the additive constant of
    [competitive] is outgrown. *)

From Coq Require Import List Arith Lia.
From LayeredPaging Require Import Model Sets Offset.
Import ListNotations.

Section LowerBound.

Variables l n k : nat.
Variable A : policy.
Hypothesis slots : 1 <= k.

(** The policy pays as much as one likes, and at least p/q times what a schedule pays, up to a
    constant. *)
Theorem lower_bound p q c0 :
  (forall N, exists σ C m, layered l n σ /\ schedule k σ C m /\
     p * m <= q * cost A σ + c0 /\ N <= cost A σ) ->
  ratio_at_least l n k A p q.
Proof.
  intros H p' q' Hq' Hlt [c Hc].
  destruct (H (p' * (q * c + q' * c0) + c + 1)) as (σ & C & m & Hσ & HS & Hm & HN).
  pose proof (growths_is_opt k slots σ) as Hopt.
  assert (Hg : growths k σ <= m) by (destruct Hopt as [_ Hmin]; eauto).
  specialize (Hc σ _ Hσ Hopt). clear H HS Hopt Hσ. remember (cost A σ) as a eqn:Ea. clear Ea.
  assert (H1 : q' * a <= p' * m + c).
  { apply Nat.le_trans with (p' * growths k σ + c); [exact Hc|]. apply Nat.add_le_mono_r.
    now apply Nat.mul_le_mono_l. }
  assert (H2 : m <= q * c + q' * c0).
  { assert (E1 : q * (q' * a) <= q * (p' * m + c)) by now apply Nat.mul_le_mono_l.
    assert (E2 : q' * (p * m) <= q' * (q * a + c0)) by now apply Nat.mul_le_mono_l.
    assert (E3 : (p' * q + 1) * m <= (p * q') * m) by (apply Nat.mul_le_mono_r; lia). nia. }
  assert (H3 : p' * m <= p' * (q * c + q' * c0)) by now apply Nat.mul_le_mono_l.
  assert (H4 : 1 * a <= q' * a) by (apply Nat.mul_le_mono_r; lia). lia.
Qed.

(** The policy pays as much as one likes, a schedule no more than a constant. *)
Theorem no_ratio b :
  (forall N, exists σ C m, layered l n σ /\ schedule k σ C m /\ m <= b /\ N <= cost A σ) ->
  no_finite_ratio l n k A.
Proof.
  intros H p q Hq [c Hc]. destruct (H (p * b + c + 1)) as (σ & C & m & Hσ & HS & Hm & HN).
  pose proof (growths_is_opt k slots σ) as Hopt.
  assert (Hg : growths k σ <= b).
  { destruct Hopt as [_ Hmin]. specialize (Hmin C m HS). lia. }
  specialize (Hc σ _ Hσ Hopt).
  assert (H3 : p * growths k σ <= p * b) by now apply Nat.mul_le_mono_l.
  assert (H4 : 1 * cost A σ <= q * cost A σ) by (apply Nat.mul_le_mono_r; lia). lia.
Qed.

End LowerBound.
