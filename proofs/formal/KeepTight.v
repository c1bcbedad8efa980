(** * KeepTight: guided-keep has ratio k-l+1 for k >= l+2, and at most 5/2 for k = l+1

    Note: proofs/notes/guided-keep-upper.md, claims 13 to 15 and the end. The misses of a group of stages
    (Groups.v) are at most p/q for each growth, but for [heavy] groups, and these are paid by others; p/q is
    k-l, and 3/2 for k = l+1. Main theorems: [keep_upper], ALG <= (k-l+1) OPT; [keep_five_halves],
    2 ALG <= 5 OPT; [best_deterministic], with [deterministic_lower]: for l+2 <= k < l n the best deterministic
    ratio is k-l+1. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Offset Timeline Tokens Keep KeepFacts Stages Groups.
From LayeredPaging Require Import DeterministicLower.
Import ListNotations.

Section KeepTight.

Variables l n k : nat.
Hypothesis l_pos : 1 <= l.
Hypothesis k_enough : l <= k.

Variables p q : nat.
Hypothesis rate : (2 <= k - l /\ p = k - l /\ q = 1) \/ (k - l = 1 /\ p = 3 /\ q = 2).

Variable P : nat -> page.
Hypothesis P_endless : endless l n P.

Variable A : policy.
Hypothesis A_keep : guided_keep l n k A.

Let A_is_keep : keep_policy l n k A := guided_keep_is_keep l n k A l_pos k_enough A_keep.

Notation C := (KeepFacts.C P A).
Notation G := (Tokens.G k P).
Notation next_growth := (next_growth k P).

Section Full.

Variable T : nat.
Hypothesis T_full : length (C T) = k.
Hypothesis T_growth : G T = true.

Notation misses := (misses l k P A T).
Notation grown := (grown k P T).

Let one_group := Groups.one_group l n k l_pos k_enough P P_endless A A_is_keep T T_full.
Let soon_group := Groups.soon_group l n k l_pos k_enough P P_endless A A_is_keep T T_full.
Let two_stages := Stages.two_stages l n k l_pos k_enough P P_endless A A_is_keep T T_full A_keep.
Let G_S := Groups.G_S k P.

(** More than its share, or just its share and a part of it too early. *)
Definition heavy (b : nat) : Prop :=
  (upto G (b + l) = upto G (S b) + 1 /\
   exists c, next_growth b c /\ misses b + (k - l) + 1 <= misses c) \/
  (upto G (b + l) = upto G (S b) + 2 /\
   exists c d, next_growth b c /\ next_growth c d /\
     misses b + (k - l) + 1 <= misses c /\ misses d = misses b + (k - l) + 2).

Definition paid (b : nat) : Prop :=
  q * misses b <= p * grown b \/ (q * misses b = p * grown b + 1 /\ ~ heavy b).

Lemma heavy_next b : heavy b -> upto G (S b) < upto G (b + l) /\
  exists c, next_growth b c /\ misses b + (k - l) + 1 <= misses c.
Proof.
  intros [[H (c & H1 & H2)]|(H & c & d & H1 & _ & H2 & _)]; (split; [lia|]); exists c; split; auto; lia.
Qed.

(** Claim 12. *)
Lemma two_groups a b c : T <= a -> G a = true -> next_growth a b -> next_growth b c -> upto G (S b) < upto G (b + l) ->
  misses c + l + upto G (S a) <= misses a + k + upto G (a + l) + 1.
Proof.
  intros HT Ha Hab Hbc HB. pose proof Hab as (A1 & A2 & A3). pose proof Hbc as (B1 & _ & _).
  apply (two_stages b); auto; try lia. intros t Ht1 Ht2. now apply next_in_stage with (c := c).
Qed.

(** ** A group *)

(** An account that holds before a group of [m] growths holds after it. *)
Lemma group_paid b c : T <= b -> G b = true -> G c = true -> b < c -> group l k P b c -> paid b -> paid c.
Proof.
  intros HT Hb Hc Hbc HG HP.
  pose proof (upto_mono G T b HT) as M1. pose proof (G_S b Hb) as Gb. pose proof (G_S c Hc) as Gc.
  pose proof (upto_mono G (S b) c Hbc) as M2. pose proof (upto_mono G (S b) (b + l) ltac:(lia)) as M3.
  assert (M4 : misses b <= misses c) by (apply upto_mono; lia).
  remember (upto G c - upto G b) as m eqn:Em.
  assert (EA : grown c = grown b + m) by (unfold Groups.grown; lia).
  assert (Hm : (m = 1 /\ next_growth b c /\ upto G (b + l) <= upto G (S b) + 1 /\
                misses c + upto G (S b) <= misses b + (k - l) + upto G (b + l)) \/
               (2 <= m /\ c < b + l /\ upto G (b + l) = upto G (S b) + m /\ misses c <= misses b + (k - l) + m)).
  { destruct HG as [[H1 H2]|[H1 H2]].
    - pose proof (one_group b c Hb H1). destruct H1 as (? & ? & ?). left. repeat split; auto; lia.
    - pose proof (soon_group b c Hb ltac:(lia) H1). destruct (Nat.eq_dec m 1) as [E|E]; [left | right; lia].
      repeat split; auto; lia. }
  clear HG. remember (misses c - misses b) as x eqn:Ex. assert (EM : misses c = misses b + x) by lia.
  assert (HK1 : q * x <= p * m \/ (heavy b /\ m = 1 /\ q * x = p + 1)).
  { destruct Hm as [(-> & H1 & H2 & H3)|(H1 & H0 & H2 & H3)].
    - destruct (Nat.le_gt_cases x (k - l)) as [Hle|Hgt].
      + left. destruct rate as [(R1 & -> & ->)|(R1 & -> & ->)]; lia.
      + right. split; [left; split; [lia | exists c; split; [exact H1 | lia]]|].
        split; [reflexivity|]. destruct rate as [(R1 & -> & ->)|(R1 & -> & ->)]; lia.
    - left. destruct rate as [(R1 & -> & ->)|(R1 & -> & ->)]; nia. }
  assert (HK2 : heavy c -> q * x + 1 <= p * m \/ (heavy b /\ m = 2)).
  { intros HH. destruct (heavy_next c HH) as (Hbusy & d & Hd & HM).
    destruct Hm as [(-> & H1 & H2 & H3)|(H1 & H0 & H2 & H3)].
    - left. pose proof (two_groups b c d HT Hb H1 Hd Hbusy).
      destruct rate as [(R1 & -> & ->)|(R1 & -> & ->)]; lia.
    - destruct (Nat.eq_dec m 2) as [->|Hne].
      2: { left. destruct rate as [(R1 & -> & ->)|(R1 & -> & ->)]; nia. }
      destruct (Nat.eq_dec x (k - l + 2)) as [Hx|Hx].
      2: { left. destruct rate as [(R1 & -> & ->)|(R1 & -> & ->)]; lia. }
      right. split; [|reflexivity]. right. split; [lia|].
      destruct (upto_first G (S b) c ltac:(lia)) as (a & A1 & A2 & A3 & A4).
      pose proof (G_S a A3) as Ga. exists a, c.
      assert (N1 : next_growth b a) by (repeat split; auto; lia).
      assert (N2 : next_growth a c) by (repeat split; auto; lia).
      split; [exact N1|]. split; [exact N2|]. split; [|lia].
      enough (misses c <= misses a + 1) by lia.
      pose proof (upto_mono G (S c) (a + l) ltac:(lia)) as M5.
      destruct Hd as (D1 & D2 & D3).
      destruct (Nat.eq_dec (upto G (a + l)) (upto G (S a) + 1)) as [E1|E1].
      + assert (Nd : next_growth c d) by (repeat split; auto).
        pose proof (two_groups a c d ltac:(lia) A3 N2 Nd Hbusy). lia.
      + assert (Hda : d < a + l).
        { destruct (Nat.lt_ge_cases d (a + l)) as [|Hge]; [assumption|].
          pose proof (upto_mono G (a + l) d Hge). lia. }
        pose proof (soon_group a d A3 ltac:(lia) Hda) as S1.
        destruct (Nat.eq_dec (upto G (a + l)) (upto G (S a) + 2)) as [E2|E2]; [lia|].
        pose proof (upto_mono G (a + l) (c + l) ltac:(lia)) as M6.
        destruct HH as [[HH _]|(HH & d' & f & (D1' & D2' & D3') & (F1 & F2 & F3) & _ & HF)]; [lia|].
        assert (d' = d).
        { destruct (Nat.lt_trichotomy d d') as [Hl|[|Hl]]; [|now symmetry|].
          - pose proof (upto_some G (S c) d' d ltac:(lia) Hl D2). lia.
          - pose proof (upto_some G (S c) d d' ltac:(lia) Hl D2'). lia. }
        subst d'. pose proof (G_S d D2) as Gd.
        assert (Hfa : f < a + l).
        { destruct (Nat.lt_ge_cases f (a + l)) as [|Hge]; [assumption|].
          pose proof (upto_mono G (a + l) f Hge). lia. }
        pose proof (soon_group a f A3 ltac:(lia) Hfa). lia. }
  unfold paid in *. rewrite EM, EA, !Nat.mul_add_distr_l. destruct HP as [HP|[HP HN]].
  - destruct HK1 as [H|(H1 & -> & H3)]; [left; lia|].
    destruct (Nat.le_gt_cases (q * misses b + q * x) (p * grown b + p * 1)) as [|Hgt]; [now left | right].
    split; [lia|]. intros HH. destruct (HK2 HH) as [H|(_ & H)]; lia.
  - destruct HK1 as [H|(H1 & _)]; [|contradiction].
    destruct (Nat.le_gt_cases (q * misses b + q * x) (p * grown b + p * m)) as [|Hgt]; [now left | right].
    split; [lia|]. intros HH. destruct (HK2 HH) as [H0|(H0 & _)]; [lia | contradiction].
Qed.

End Full.

Lemma keep_at z : q * cost A (pre P z) <= (p + q) * growths k (pre P z).
Proof.
  rewrite growths_upto.
  destruct (cost_from l n k l_pos k_enough P P_endless A A_is_keep z) as [H|(T & H1 & H2 & H3 & H4 & H5)]; [nia|].
  destruct (last_group l n k l_pos k_enough P P_endless A A_is_keep T H2 H3 (paid T)) with (N := z)
    as (b & B1 & B2 & B3 & B4); [| |exact H1|].
  - left. unfold Groups.misses. rewrite (early l k P A T (T + l)) by lia. rewrite Nat.mul_0_r. apply Nat.le_0_l.
  - intros b c. now apply group_paid.
  - assert (HT : grown k P T z + k <= upto G z).
    { pose proof (upto_mono G T z ltac:(lia)). unfold Groups.grown. lia. }
    remember (upto (Stages.X l k P A T) z) as x. remember (Groups.misses l k P A T b) as y.
    remember (Groups.grown k P T b) as g. remember (Groups.grown k P T z) as g'.
    assert (HX : q * x <= p * g' + 1).
    { destruct B2 as [B2|[B2 _]]; rewrite <- Heqy, <- Heqg in B2; destruct rate as [(R1 & -> & ->)|(R1 & -> & ->)]; nia. }
    destruct rate as [(R1 & -> & ->)|(R1 & -> & ->)]; nia.
Qed.

End KeepTight.

(** ALG <= (k-l+1) OPT for k >= l+2. *)
Theorem keep_upper l n k A σ m : 1 <= l -> l + 2 <= k -> guided_keep l n k A ->
  layered l n σ -> is_opt k σ m -> cost A σ <= (k - l + 1) * m.
Proof.
  intros Hl Hk HA Hσ Hm. apply opt_growths in Hm; [|lia]. subst m. revert σ Hσ.
  apply (at_every_prefix l n (fun σ => cost A σ <= (k - l + 1) * growths k σ)); [exact Hl | apply Nat.le_0_l |].
  intros P HP z. pose proof (keep_at l n k Hl ltac:(lia) (k - l) 1 ltac:(lia) P HP A HA z). lia.
Qed.

(** 2 ALG <= 5 OPT for k = l+1. *)
Theorem keep_five_halves l n A σ m : 1 <= l -> guided_keep l n (l + 1) A ->
  layered l n σ -> is_opt (l + 1) σ m -> 2 * cost A σ <= 5 * m.
Proof.
  intros Hl HA Hσ Hm. apply opt_growths in Hm; [|lia]. subst m. revert σ Hσ.
  apply (at_every_prefix l n (fun σ => 2 * cost A σ <= 5 * growths (l + 1) σ)); [exact Hl | apply Nat.le_0_l |].
  intros P HP z. exact (keep_at l n (l + 1) Hl ltac:(lia) 3 2 ltac:(lia) P HP A HA z).
Qed.

(** Guided-keep has this ratio, and no deterministic policy a smaller one. *)
Theorem best_deterministic l n k : 1 <= l -> l + 2 <= k -> k < l * n ->
  (exists A, legal l n k A /\ ratio_is l n k A (k - l + 1) 1) /\
  (forall A, legal l n k A -> ratio_at_least l n k A (k - l + 1) 1).
Proof.
  intros Hl Hk Hn.
  assert (LB : forall A, legal l n k A -> ratio_at_least l n k A (k - l + 1) 1).
  { intros A HA. apply deterministic_lower; auto. lia. }
  split; [|exact LB]. exists (first_keep l k).
  assert (HK : guided_keep l n k (first_keep l k)) by (apply keep_exists; lia).
  pose proof (proj1 (proj1 (proj1 HK))) as HL.
  split; [exact HL|]. split; [|now apply LB]. exists 0. intros σ m Hσ Hm.
  pose proof (keep_upper l n k _ σ m Hl Hk HK Hσ Hm). lia.
Qed.
