(** * Groups: the misses of a KEEP policy, stage by stage

    Note: proofs/notes/keep-upper.md, claims 8 and 9. The stages (Stages.v) are taken in groups: one stage, if at
    most one growth follows within l-1 requests, and otherwise the stages of all these growths. An account of the
    misses that holds before a group and after it holds at the end ([last_group]); and there are few other
    misses ([cost_from]). Main theorem, with such an account: [keep_policy_upper], ALG <= (k-l+2) OPT. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Offset Timeline Tokens LazyFacts Guided Keep KeepFacts Stages.
Import ListNotations.

(** What is cached has been paid for. *)
Lemma cached_paid l n k A σ : legal l n k A -> layered l n σ -> length (A σ) <= cost A σ.
Proof.
  intros [H0 HA]. induction σ as [|σ p IH] using snoc_ind; intros Hσ; [rewrite H0; apply Nat.le_0_l|].
  destruct (HA σ p Hσ) as [[HN _] _]. rewrite cost_snoc. specialize (IH (layered_prefix _ _ _ _ Hσ)).
  pose proof (count_loads (fun _ => true) (A σ) _ HN) as H. rewrite !count_true in H by reflexivity. lia.
Qed.

Section Groups.

Variables l n k : nat.
Hypothesis l_pos : 1 <= l.
Hypothesis k_enough : l <= k.

Let slots : 1 <= k.
Proof. lia. Qed.

Variable P : nat -> page.
Hypothesis P_endless : endless l n P.

Variable A : policy.
Hypothesis A_keep : keep_policy l n k A.

Let A_lazy : lazy l n k A := proj1 (proj1 (proj1 A_keep)).

Notation C := (KeepFacts.C P A).
Notation G := (Tokens.G k P).

(** The next growth. *)
Definition next_growth (b c : nat) : Prop := b < c /\ G c = true /\ upto G c = upto G (S b).

Notation in_stage := (Stages.in_stage l k P).

Lemma G_S b : G b = true -> upto G (S b) = upto G b + 1.
Proof. intros H. cbn [upto]. now rewrite H. Qed.

Lemma next_in_stage b c t : next_growth b c -> b + l <= t -> t < c + l -> in_stage b t.
Proof.
  intros (H1 & H2 & H3) H4 H5. split; [exact H4|].
  pose proof (upto_mono G (S b) (t + 1 - l) ltac:(lia)). pose proof (upto_mono G (t + 1 - l) c ltac:(lia)). lia.
Qed.

(** Nothing counts in the first l requests from T on. *)
Lemma early T N : N <= T + l -> upto (Stages.X l k P A T) N = 0.
Proof.
  intros HN. apply upto_zero. intros t Ht. unfold Stages.X.
  assert (H : t < T + l) by exact (Nat.lt_le_trans _ _ _ Ht HN).
  apply Nat.leb_gt in H. now rewrite H.
Qed.

Section Full.

(** The first miss with a full cache. *)
Variable T : nat.
Hypothesis T_full : length (C T) = k.
Hypothesis T_growth : G T = true.

Notation X := (Stages.X l k P A T).

Let stage_count := Stages.stage_count l n k l_pos k_enough P P_endless A A_keep T T_full.

(** The misses before the stage of growth [b]. *)
Definition misses (b : nat) : nat := upto X (b + l).

(** How often OPT has grown from T on. *)
Definition grown (b : nat) : nat := upto G b - upto G T.

(** Claim 8 for the stage of [b]. *)
Lemma one_group b c : G b = true -> next_growth b c -> misses c + l + upto G (S b) <= misses b + k + upto G (b + l).
Proof.
  intros Hb Hc. apply stage_count; [exact Hb | destruct Hc; lia |]. intros t Ht1 Ht2. right.
  now apply (next_in_stage b c).
Qed.

(** Claim 8 for all stages that begin soon. *)
Lemma soon_group b c : G b = true -> b <= c -> c < b + l -> misses c + l + upto G (S b) <= misses b + k + upto G (b + l).
Proof. intros Hb H1 H2. apply stage_count; [exact Hb | lia |]. intros t Ht1 Ht2. left. lia. Qed.

(** ** All groups *)

(** The growths b and c begin a group and the next one. *)
Definition group (b c : nat) : Prop :=
  (next_growth b c /\ upto G (b + l) = upto G (S b)) \/ (c < b + l /\ upto G (b + l) = upto G c + 1).

Variable paid : nat -> Prop.
Hypothesis paid_start : paid T.
Hypothesis paid_group : forall b c, T <= b -> G b = true -> G c = true -> b < c -> group b c -> paid b -> paid c.

Lemma all_groups N : T <= N -> exists b, T <= b /\ b <= N /\ G b = true /\ paid b /\
  (N < b + l \/ upto G (S b) = upto G (S N)).
Proof.
  induction 1 as [|N HN (b & B1 & B2 & B3 & B4 & B5)].
  - exists T. split; [lia|]. split; [lia|]. split; [exact T_growth|]. split; [exact paid_start | left; lia].
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
      apply (paid_group b (S N)); auto; [lia|]. left. split; [repeat split; auto; lia | exact E0].
    + destruct (upto_last G (S b) (b + l) ltac:(lia)) as (c & C1 & C2 & C3 & C4).
      assert (HNl : S N = b + l).
      { destruct B5 as [B5|B5]; [lia|]. pose proof (upto_mono G (b + l) (S N) ltac:(lia)). lia. }
      exists c. split; [lia|]. split; [lia|]. split; [exact C3|]. split; [|left; lia].
      apply (paid_group b c); auto. right. now split.
Qed.

(** What was paid for before the last group that begins before N. *)
Lemma last_group N : T < N -> exists b, T <= b /\ paid b /\ grown b + 1 <= grown N /\ upto X N <= misses b + (k - l).
Proof.
  intros HN. destruct (all_groups (N - 1) ltac:(lia)) as (b & B1 & B2 & B3 & B4 & B5).
  replace (S (N - 1)) with N in B5 by lia.
  exists b. split; [exact B1|]. split; [exact B4|]. pose proof (G_S b B3) as Gb.
  pose proof (upto_mono G T b B1). pose proof (upto_mono G (S b) N ltac:(lia)).
  split; [unfold grown; lia|]. destruct (Nat.le_gt_cases N (b + l)) as [Hl|Hl].
  - pose proof (upto_mono X N (b + l) Hl). unfold misses. lia.
  - destruct B5 as [B5|B5]; [lia|].
    pose proof (upto_mono G (S b) (b + l) ltac:(lia)). pose proof (upto_mono G (b + l) N ltac:(lia)).
    enough (upto X N + l + upto G (S b) <= upto X (b + l) + k + upto G (b + l)) by (unfold misses; lia).
    apply stage_count; [exact B3 | lia |]. intros t Ht1 Ht2. right. split; [exact Ht1|].
    pose proof (upto_mono G (S b) (t + 1 - l) ltac:(lia)). pose proof (upto_mono G (t + 1 - l) N ltac:(lia)). lia.
Qed.

End Full.

Let requests_S z : layered l n (pre P z ++ [P z]).
Proof. rewrite <- pre_S. now apply pre_layered. Qed.

Lemma cost_late T z : G T = true -> T < z -> cost A (pre P T) <= upto G T ->
  cost A (pre P z) <= upto G z + upto (Stages.X l k P A T) z + Nat.min (z - S T) (l - 1).
Proof.
  intros HG Hz H0. induction Hz as [|z Hz IH].
  - rewrite pre_S. cbn [upto]. rewrite HG.
    pose proof (growth_misses l n k l_pos k_enough P P_endless A (proj1 A_keep) T HG) as Hp.
    rewrite (lazy_miss l n k A A_lazy (pre P T) (P T) (requests_S T) Hp). lia.
  - rewrite pre_S. cbn [upto]. destruct (in_dec Nat.eq_dec (P z) (C z)) as [Hp|Hp].
    + destruct (lazy_hit l n k A A_lazy (pre P z) (P z) (requests_S z) Hp) as [_ ->]. lia.
    + rewrite (lazy_miss l n k A A_lazy (pre P z) (P z) (requests_S z) Hp).
      destruct (G z) eqn:EG; [lia|]. unfold Stages.X at 2. rewrite EG. apply mem_not_In in Hp. rewrite Hp.
      destruct (T + l <=? z) eqn:E; cbn [andb negb]; [lia|]. apply Nat.leb_gt in E. lia.
Qed.

(** Before the first miss with a full cache every miss is a growth. *)
Lemma cost_early z : (cost A (pre P z) <= upto G z /\ incl (pre P z) (C z)) \/
  exists T, T < z /\ length (C T) = k /\ G T = true /\ cost A (pre P T) <= upto G T.
Proof.
  pose proof (A_lazy) as HL.
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

(** All that is paid: for growths, for misses in stages, and for at most l-1 misses before them. *)
Lemma cost_from z : cost A (pre P z) <= upto G z \/
  exists T, T < z /\ length (C T) = k /\ G T = true /\ k <= upto G T /\
    cost A (pre P z) <= upto G z + upto (Stages.X l k P A T) z + (l - 1).
Proof.
  destruct (cost_early z) as [[H _]|(T & H1 & H2 & H3 & H4)]; [now left | right].
  exists T. split; [exact H1|]. split; [exact H2|]. split; [exact H3|].
  pose proof (cached_paid l n k A (pre P T) (proj1 A_lazy) (pre_layered l n P T P_endless)) as HC.
  unfold KeepFacts.C in H2. split; [lia|]. pose proof (cost_late T z H3 H1 H4). lia.
Qed.

Lemma growths_upto z : growths k (pre P z) = upto G z.
Proof. induction z as [|z IH]; [reflexivity|]. rewrite pre_S, growths_snoc, IH. reflexivity. Qed.

(** ** Every KEEP policy *)

Lemma any_group T b c : length (C T) = k -> T <= b -> G b = true -> G c = true -> b < c -> group b c ->
  misses T b <= (k - l + 1) * grown T b -> misses T c <= (k - l + 1) * grown T c.
Proof.
  intros HT HTb Hb Hc Hbc HG HP.
  pose proof (upto_mono G T b HTb) as M1. pose proof (G_S b Hb) as Gb.
  pose proof (upto_mono G (S b) c Hbc) as M2.
  remember (upto G c - upto G b) as m eqn:Em.
  assert (E : grown T c = grown T b + m) by (unfold grown; lia).
  assert (H : misses T c <= misses T b + (k - l) + m).
  { destruct HG as [[H1 H2]|[H1 H2]].
    - pose proof (one_group T HT b c Hb H1). lia.
    - pose proof (soon_group T HT b c Hb ltac:(lia) H1). lia. }
  rewrite E. assert ((k - l) + m <= (k - l + 1) * m) by (assert (1 <= m) by lia; nia). lia.
Qed.

Lemma keep_at z : cost A (pre P z) <= (k - l + 2) * growths k (pre P z).
Proof.
  rewrite growths_upto. destruct (cost_from z) as [H|(T & H1 & H2 & H3 & H4 & H5)]; [nia|].
  destruct (last_group T H2 H3 (fun b => misses T b <= (k - l + 1) * grown T b)) with (N := z)
    as (b & B1 & B2 & B3 & B4); [| |exact H1|].
  - unfold misses. rewrite (early T (T + l)) by lia. apply Nat.le_0_l.
  - intros b c. now apply any_group.
  - assert (HX : upto (Stages.X l k P A T) z <= (k - l + 1) * grown T z) by nia.
    assert (HT : grown T z + k <= upto G z).
    { pose proof (upto_mono G T z ltac:(lia)). unfold grown. lia. }
    nia.
Qed.

End Groups.

(** Every sequence is the beginning of an endless one. *)
Lemma at_every_prefix l n (bound : list page -> Prop) : 1 <= l -> bound [] ->
  (forall P, endless l n P -> forall z, bound (pre P z)) -> forall σ, layered l n σ -> bound σ.
Proof.
  intros Hl H0 H σ Hσ. destruct (list_eq_dec Nat.eq_dec σ []) as [->|Hne]; [exact H0|].
  assert (Hn : 1 <= n).
  { destruct σ as [|p σ]; [easy|]. destruct (Hσ 0 p eq_refl). destruct n; lia. }
  destruct (endless_extends l n σ Hl Hn Hσ) as (P & HP & E). rewrite <- E. now apply H.
Qed.

(** Every KEEP policy: ALG <= (k-l+2) OPT. *)
Theorem keep_policy_upper l n k A σ m : 1 <= l -> l <= k -> keep_policy l n k A ->
  layered l n σ -> is_opt k σ m -> cost A σ <= (k - l + 2) * m.
Proof.
  intros Hl Hk HA Hσ Hm. apply opt_growths in Hm; [|lia]. subst m. revert σ Hσ.
  apply (at_every_prefix l n (fun σ => cost A σ <= (k - l + 2) * growths k σ)); [exact Hl | apply Nat.le_0_l |].
  intros P HP z. now apply (keep_at l n k Hl Hk P HP A HA).
Qed.
