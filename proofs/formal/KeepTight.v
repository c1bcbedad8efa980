(** * KeepTight: guided-keep has ratio k-l+1 for k >= l+2

    Note: proofs/notes/guided-keep-upper.md, claims 13 to 15. The stages of the growths are taken in groups; the
    misses of a group are at most k-l for each growth, but for [heavy] groups, and these are paid by others.
    Main theorems: [keep_upper], ALG <= (k-l+1) OPT + k + 1; [best_deterministic], with
    [deterministic_lower]: for l+2 <= k < l n the best deterministic ratio is k-l+1.

    Weaker than the note in one thing: its constant is 0. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Offset Timeline Tokens LazyFacts Guided Keep KeepFacts Stages.
From LayeredPaging Require Import DeterministicLower.
Import ListNotations.

Section KeepTight.

Variables l n k : nat.
Hypothesis l_pos : 1 <= l.
Hypothesis k_enough : l + 2 <= k.

Let l_le_k : l <= k.
Proof. lia. Qed.

Let slots : 1 <= k.
Proof. lia. Qed.

Variable P : nat -> page.
Hypothesis P_endless : endless l n P.

Variable A : policy.
Hypothesis A_keep : guided_keep l n k A.

Notation C := (KeepFacts.C P A).
Notation G := (Tokens.G k P).

Section Full.

(** The first miss with a full cache. *)
Variable T : nat.
Hypothesis T_full : length (C T) = k.
Hypothesis T_growth : G T = true.

Notation X := (Stages.X l k P A T).
Notation in_stage := (Stages.in_stage l k P).

Let stage_count := Stages.stage_count l n k l_pos l_le_k P P_endless A A_keep T T_full.
Let two_stages := Stages.two_stages l n k l_pos l_le_k P P_endless A A_keep T T_full.

(** The next growth. *)
Definition next_growth (b c : nat) : Prop := b < c /\ G c = true /\ upto G c = upto G (S b).

(** k-l misses for each growth from T on, before growth [b]. *)
Definition allowed (b : nat) : nat := (k - l) * (upto G b - upto G T).

Definition misses (b : nat) : nat := upto X (b + l).

Definition heavy (b : nat) : Prop :=
  (upto G (b + l) = upto G (S b) + 1 /\
   exists c, next_growth b c /\ misses b + (k - l) + 1 <= misses c) \/
  (k = l + 2 /\ upto G (b + l) = upto G (S b) + 2 /\
   exists c d, next_growth b c /\ next_growth c d /\
     misses b + 3 <= misses c /\ misses d = misses b + 4).

Definition paid (b : nat) : Prop :=
  misses b <= allowed b \/ (misses b = allowed b + 1 /\ ~ heavy b).

Lemma heavy_next b : heavy b -> upto G (S b) < upto G (b + l) /\
  exists c, next_growth b c /\ misses b + (k - l) + 1 <= misses c.
Proof.
  intros [[H (c & H1 & H2)]|(Hk & H & c & d & H1 & _ & H2 & _)]; (split; [lia|]); exists c; split; auto; lia.
Qed.

Lemma G_S b : G b = true -> upto G (S b) = upto G b + 1.
Proof. intros H. cbn [upto]. now rewrite H. Qed.

Lemma next_in_stage b c t : next_growth b c -> b + l <= t -> t < c + l -> in_stage b t.
Proof.
  intros (H1 & H2 & H3) H4 H5. split; [exact H4|].
  pose proof (upto_mono G (S b) (t + 1 - l) ltac:(lia)). pose proof (upto_mono G (t + 1 - l) c ltac:(lia)). lia.
Qed.

(** Claim 8 for the stage of [b]. *)
Lemma one_group b c : G b = true -> next_growth b c -> misses c + l + upto G (S b) <= misses b + k + upto G (b + l).
Proof.
  intros Hb Hc. apply stage_count; [exact Hb | destruct Hc; lia |]. intros t Ht1 Ht2. right.
  now apply (next_in_stage b c).
Qed.

(** Claim 8 for all stages that begin soon. *)
Lemma soon_group b c : G b = true -> b <= c -> c < b + l -> misses c + l + upto G (S b) <= misses b + k + upto G (b + l).
Proof. intros Hb H1 H2. apply stage_count; [exact Hb | lia |]. intros t Ht1 Ht2. left. lia. Qed.

(** Claim 12. *)
Lemma two_groups a b c : T <= a -> G a = true -> next_growth a b -> next_growth b c -> upto G (S b) < upto G (b + l) ->
  misses c + l + upto G (S a) <= misses a + k + upto G (a + l) + 1.
Proof.
  intros HT Ha Hab Hbc HB. pose proof Hab as (A1 & A2 & A3). pose proof Hbc as (B1 & _ & _).
  apply (two_stages b); auto; try lia. intros t Ht1 Ht2. now apply (next_in_stage b c).
Qed.

(** ** A group *)

(** [d] misses in a group of [m] growths, g of them among the l-1 requests after [b]. *)
Lemma group b c : T <= b -> G b = true -> G c = true -> b < c ->
  (next_growth b c /\ upto G (b + l) = upto G (S b)) \/
  (c < b + l /\ upto G (b + l) = upto G c + 1) ->
  paid b -> paid c.
Proof.
  intros HT Hb Hc Hbc HG HP.
  pose proof (upto_mono G T b HT) as M1. pose proof (G_S b Hb) as Gb. pose proof (G_S c Hc) as Gc.
  pose proof (upto_mono G (S b) c Hbc) as M2. pose proof (upto_mono G (S b) (b + l) ltac:(lia)) as M3.
  pose proof (upto_mono X (b + l) (c + l) ltac:(lia)) as M4. fold (misses b) (misses c) in M4.
  assert (HD : misses c + l + upto G (S b) <= misses b + k + upto G (b + l)).
  { destruct HG as [[H _]|[H _]]; [now apply one_group | apply soon_group; auto; lia]. }
  remember (upto G c - upto G b) as m eqn:Em.
  assert (EA : allowed c = allowed b + (k - l) * m).
  { unfold allowed. rewrite <- Nat.mul_add_distr_l. f_equal. lia. }
  assert (Hm : (m = 1 /\ next_growth b c /\ upto G (b + l) <= upto G (S b) + 1) \/
               (2 <= m /\ c < b + l /\ upto G (b + l) = upto G (S b) + m)).
  { destruct HG as [[H1 H2]|[H1 H2]].
    - left. destruct H1 as (? & ? & ?). split; [lia|]. split; [repeat split; auto; lia | lia].
    - destruct (Nat.eq_dec m 1) as [E|E]; [left | right; lia].
      split; [exact E|]. split; [repeat split; auto; lia | lia]. }
  assert (HK1 : misses c <= misses b + (k - l) * m \/ (heavy b /\ m = 1 /\ misses c = misses b + (k - l) + 1)).
  { destruct Hm as [(-> & H1 & H2)|(H1 & H2 & H3)].
    - rewrite Nat.mul_1_r. destruct (Nat.le_gt_cases (misses c) (misses b + (k - l))) as [|Hgt]; [now left | right].
      split; [left; split; [lia | exists c; split; [exact H1 | lia]] | lia].
    - left. assert ((k - l) + m <= (k - l) * m) by nia. lia. }
  assert (HK2 : heavy c -> misses c + 1 <= misses b + (k - l) * m \/ (heavy b /\ m = 2 /\ misses c = misses b + (k - l) * m)).
  { intros HH. destruct (heavy_next c HH) as (Hbusy & d & Hd & HM).
    destruct Hm as [(-> & H1 & H2)|(H1 & H2 & H3)].
    - left. pose proof (two_groups b c d HT Hb H1 Hd Hbusy). lia.
    - destruct (Nat.eq_dec m 2) as [->|Hne]; [|left; assert ((k - l) + m + 1 <= (k - l) * m) by nia; lia].
      destruct (Nat.le_gt_cases (misses c + 1) (misses b + (k - l) * 2)) as [|Hgt]; [now left | right].
      assert (Hk : k = l + 2) by lia. split; [|lia]. right. split; [exact Hk|]. split; [lia|].
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
        destruct HH as [[HH _]|(_ & HH & d' & f & (D1' & D2' & D3') & (F1 & F2 & F3) & _ & HF)]; [lia|].
        assert (d' = d).
        { destruct (Nat.lt_trichotomy d d') as [Hl|[|Hl]]; [|now symmetry|].
          - pose proof (upto_some G (S c) d' d ltac:(lia) Hl D2). lia.
          - pose proof (upto_some G (S c) d d' ltac:(lia) Hl D2'). lia. }
        subst d'. pose proof (G_S d D2) as Gd.
        assert (Hfa : f < a + l).
        { destruct (Nat.lt_ge_cases f (a + l)) as [|Hge]; [assumption|].
          pose proof (upto_mono G (a + l) f Hge). lia. }
        pose proof (soon_group a f A3 ltac:(lia) Hfa). lia. }
  unfold paid in *. destruct HP as [HP|[HP HN]].
  - destruct HK1 as [H|(H1 & H2 & H3)]; [left; lia|].
    destruct (Nat.le_gt_cases (misses c) (allowed c)) as [|Hgt]; [now left | right]. subst m.
    split; [lia|]. intros HH. destruct (HK2 HH) as [H|(_ & H & _)]; lia.
  - destruct HK1 as [H|(H1 & _)]; [|contradiction].
    destruct (Nat.le_gt_cases (misses c) (allowed c)) as [|Hgt]; [now left | right].
    split; [lia|]. intros HH. destruct (HK2 HH) as [H0|(H0 & _)]; [lia | contradiction].
Qed.

(** ** All groups *)

Lemma early N : N <= T + l -> upto X N = 0.
Proof.
  intros HN. apply upto_zero. intros t Ht. unfold Stages.X.
  replace (T + l <=? t) with false by (symmetry; apply Nat.leb_gt; lia). reflexivity.
Qed.

Lemma all_groups N : T <= N -> exists b, T <= b /\ b <= N /\ G b = true /\ paid b /\
  (N < b + l \/ upto G (S b) = upto G (S N)).
Proof.
  induction 1 as [|N HN (b & B1 & B2 & B3 & B4 & B5)].
  - exists T. split; [lia|]. split; [lia|]. split; [exact T_growth|]. split; [|left; lia].
    left. unfold misses. rewrite (early (T + l)) by lia. apply Nat.le_0_l.
  - destruct (Nat.lt_ge_cases (S N) (b + l)) as [Hl|Hl].
    { exists b. split; [exact B1|]. split; [lia|]. split; [exact B3|]. split; [exact B4 | now left]. }
    pose proof (upto_mono G (S b) (S N) ltac:(lia)) as M1. pose proof (upto_mono G (S b) (b + l) ltac:(lia)) as M2.
    destruct (Nat.eq_dec (upto G (S b)) (upto G (S (S N)))) as [E|E].
    { exists b. split; [exact B1|]. split; [lia|]. split; [exact B3|]. split; [exact B4 | now right]. }
    destruct (Nat.eq_dec (upto G (b + l)) (upto G (S b))) as [E0|E0].
    + assert (E1 : upto G (S N) = upto G (S b)).
      { destruct B5 as [B5|B5]; [|lia]. replace (S N) with (b + l) by lia. exact E0. }
      assert (HG : G (S N) = true).
      { change (upto G (S (S N))) with (upto G (S N) + (if G (S N) then 1 else 0)) in E.
        destruct (G (S N)); [reflexivity | lia]. }
      exists (S N). split; [lia|]. split; [lia|]. split; [exact HG|]. split; [|left; lia].
      apply (group b (S N)); auto; [lia|]. left. split; [repeat split; auto; lia | exact E0].
    + destruct (upto_last G (S b) (b + l) ltac:(lia)) as (c & C1 & C2 & C3 & C4).
      assert (HNl : S N = b + l).
      { destruct B5 as [B5|B5]; [lia|]. pose proof (upto_mono G (b + l) (S N) ltac:(lia)). lia. }
      exists c. split; [lia|]. split; [lia|]. split; [exact C3|]. split; [|left; lia].
      apply (group b c); auto.
Qed.

Lemma misses_bound N : upto X N <= (k - l) * upto G N + (k - l) + 1.
Proof.
  destruct (Nat.le_gt_cases T N) as [HN|HN].
  - destruct (all_groups N HN) as (b & B1 & B2 & B3 & B4 & B5).
    assert (HB : misses b <= (k - l) * upto G N + 1).
    { pose proof (upto_mono G b N B2).
      assert (allowed b <= (k - l) * upto G N) by (apply Nat.mul_le_mono_l; lia).
      destruct B4 as [B4|[B4 _]]; lia. }
    destruct (Nat.lt_ge_cases N (b + l)) as [Hl|Hl].
    + pose proof (upto_mono X N (b + l) ltac:(lia)). unfold misses in HB. lia.
    + destruct B5 as [B5|B5]; [lia|].
      pose proof (stage_count b N B3 Hl) as HS. pose proof (upto_mono G (S b) (b + l) ltac:(lia)).
      pose proof (upto_mono G (b + l) (S N) ltac:(lia)). unfold misses in HB.
      enough (upto X N + l + upto G (S b) <= upto X (b + l) + k + upto G (b + l)) by lia. apply HS.
      intros t Ht1 Ht2. right. split; [exact Ht1|].
      pose proof (upto_mono G (S b) (t + 1 - l) ltac:(lia)). pose proof (upto_mono G (t + 1 - l) (S N) ltac:(lia)). lia.
  - rewrite (early N) by lia. apply Nat.le_0_l.
Qed.

Let requests_S z : layered l n (pre P z ++ [P z]).
Proof. rewrite <- pre_S. now apply pre_layered. Qed.

Lemma cost_late z : T <= z -> cost A (pre P T) <= upto G T ->
  cost A (pre P z) <= upto G z + upto X z + Nat.min (z - T) l.
Proof.
  intros Hz H0. induction Hz as [|z Hz IH]; [lia|]. rewrite pre_S. cbn [upto].
  pose proof (proj1 (proj1 A_keep)) as HL.
  destruct (in_dec Nat.eq_dec (P z) (C z)) as [Hp|Hp].
  - destruct (lazy_hit l n k A HL (pre P z) (P z) (requests_S z) Hp) as [_ ->]. lia.
  - rewrite (lazy_miss l n k A HL (pre P z) (P z) (requests_S z) Hp).
    destruct (G z) eqn:EG; [lia|]. unfold Stages.X at 2. rewrite EG. apply mem_not_In in Hp. rewrite Hp.
    destruct (T + l <=? z) eqn:E; cbn [andb negb]; [lia|]. apply Nat.leb_gt in E. lia.
Qed.

End Full.

(** Before the first miss with a full cache every miss is a growth. *)
Lemma cost_early z : (cost A (pre P z) <= upto G z /\ incl (pre P z) (C z)) \/
  exists T, T < z /\ length (C T) = k /\ G T = true /\ cost A (pre P T) <= upto G T.
Proof.
  pose proof (proj1 (proj1 A_keep)) as HL.
  induction z as [|z [[H1 H2]|(T & H1 & H2)]]; [left; split; [unfold cost; simpl; lia | easy]| |right; exists T; split; [lia | exact H2]].
  assert (Hσ : layered l n (pre P z ++ [P z])) by (rewrite <- pre_S; now apply pre_layered).
  rewrite pre_S. destruct (in_dec Nat.eq_dec (P z) (C z)) as [Hp|Hp].
  - left. destruct (lazy_hit l n k A HL (pre P z) (P z) Hσ Hp) as [HS ->]. cbn [upto]. split; [lia|].
    intros q Hq. unfold KeepFacts.C. rewrite pre_S. apply HS.
    apply in_app_or in Hq as [Hq|[<-|[]]]; [now apply H2 | exact Hp].
  - assert (HG : G z = true).
    { apply G_true. unfold at_level, L. rewrite levels_fresh; [lia | exact slots |]. intros H. now apply Hp, H2. }
    destruct (Nat.eq_dec (length (C z)) k) as [HK|HK]; [right; exists z; repeat split; auto|].
    left. rewrite (lazy_miss l n k A HL (pre P z) (P z) Hσ Hp). cbn [upto]. rewrite HG. split; [lia|].
    destruct (proj2 HL (pre P z) (P z) Hσ) as [[? _]|[(_ & _ & HS)|(_ & ? & _)]]; [contradiction | | contradiction].
    intros q Hq. unfold KeepFacts.C. rewrite pre_S. apply HS.
    apply in_app_or in Hq as [Hq|[<-|[]]]; [right; now apply H2 | now left].
Qed.

Lemma growths_upto z : growths k (pre P z) = upto G z.
Proof. induction z as [|z IH]; [reflexivity|]. rewrite pre_S, growths_snoc, IH. reflexivity. Qed.

Lemma keep_at z : cost A (pre P z) <= (k - l + 1) * growths k (pre P z) + k + 1.
Proof.
  rewrite growths_upto, Nat.mul_add_distr_r, Nat.mul_1_l. pose proof (Nat.le_0_l ((k - l) * upto G z)) as H0.
  destruct (cost_early z) as [[H _]|(T & H1 & H2 & H3 & H4)]; [lia|].
  pose proof (cost_late T H2 z ltac:(lia) H4). pose proof (misses_bound T H2 H3 z). lia.
Qed.

End KeepTight.

(** ALG <= (k-l+1) OPT + k + 1. *)
Theorem keep_upper l n k A σ m : 1 <= l -> l + 2 <= k -> guided_keep l n k A ->
  layered l n σ -> is_opt k σ m -> cost A σ <= (k - l + 1) * m + k + 1.
Proof.
  intros Hl Hk HA Hσ Hm. apply opt_growths in Hm; [|lia]. subst m.
  destruct (list_eq_dec Nat.eq_dec σ []) as [->|Hne]; [apply Nat.le_0_l|].
  assert (Hn : 1 <= n).
  { destruct σ as [|p σ]; [easy|]. destruct (Hσ 0 p eq_refl). destruct n; lia. }
  destruct (endless_extends l n σ Hl Hn Hσ) as (P & HP & E). rewrite <- E.
  now apply (keep_at l n k Hl Hk P HP A HA).
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
  split; [exact HL|]. split; [|now apply LB]. exists (k + 1). intros σ m Hσ Hm.
  pose proof (keep_upper l n k _ σ m Hl Hk HK Hσ Hm). lia.
Qed.
