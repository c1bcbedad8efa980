(** * Claims: ratios and potentials of certificates, as binary numbers

    The numbers of a certificate are multiplied by a common denominator: [d] times the ratio p/q has
    the same value, and potentials become natural numbers. *)

From Coq Require Import List Arith NArith Lia.
From LayeredPaging Require Import Model.

Lemma competitive_scaled l n k A p q d :
  1 <= d -> competitive l n k A (d * p) (d * q) -> competitive l n k A p q.
Proof.
  intros Hd [c H]. exists c. intros σ m Hσ Hm. specialize (H σ m Hσ Hm).
  rewrite <- !Nat.mul_assoc in H. generalize dependent (q * cost A σ). generalize (p * m). intros y x H. nia.
Qed.

Lemma ratio_at_least_scaled l n k A p q d :
  1 <= d -> ratio_at_least l n k A (d * p) (d * q) -> ratio_at_least l n k A p q.
Proof.
  intros Hd H p' q' Hq Hlt. apply H; [exact Hq|].
  replace (p' * (d * q)) with (d * (p' * q)) by lia. replace (d * p * q') with (d * (p * q')) by lia.
  apply Nat.mul_lt_mono_pos_l; lia.
Qed.

(** V(x) >= loads - (p/q) growth + V(y), as it is computed. *)
Definition enough (p q v v' : N) (loads growth : nat) : bool :=
  (q * N.of_nat loads + v' <=? v + p * N.of_nat growth)%N.

(** V(x) <= loads - (p/q) growth + V(y). *)
Definition gains (p q v v' : N) (loads growth : nat) : bool :=
  (v + p * N.of_nat growth <=? q * N.of_nat loads + v')%N.

Lemma leb_to_nat (x y : N) : (x <=? y)%N = true -> N.to_nat x <= N.to_nat y.
Proof. intros H. apply N.leb_le in H. lia. Qed.

Lemma enough_spec p q v v' a g : enough p q v v' a g = true ->
  N.to_nat q * a + N.to_nat v' <= N.to_nat v + N.to_nat p * g.
Proof.
  intros H. apply leb_to_nat in H. rewrite !N2Nat.inj_add, !N2Nat.inj_mul, !Nat2N.id in H. exact H.
Qed.

Lemma gains_spec p q v v' a g : gains p q v v' a g = true ->
  N.to_nat v + N.to_nat p * g <= N.to_nat q * a + N.to_nat v'.
Proof.
  intros H. apply leb_to_nat in H. rewrite !N2Nat.inj_add, !N2Nat.inj_mul, !Nat2N.id in H. exact H.
Qed.
