(** * LruUpper: LRU has ratio at most 2(k-l)+1 for l < k <= 2l-1

    Note: proofs/notes/lru-value-upper.md. Requests are those of an endless sequence (Timeline.v). Each phase of k+1
    distinct pages brings 2(k-l)+1 misses, and more if there were more than k-l in the l-1 requests after it began;
    these are paid for by what every schedule must load in 2l-1 requests ([two_rounds] in LruWindows.v). A [good] time ends a block of
    the note; after a phase rounds of l-1 requests follow, in a [chain], until a time is good. Main theorem:
    [lru_value_upper]; [lru_value_all], with [lru_value_lower]. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Turns Offset Timeline LRU OneToken ConstantLayers LruWindows.
Import ListNotations.

Section Upper.

Variables l n k : nat.
Hypothesis l_pos : 1 <= l.
Hypothesis k_more : l < k.
Hypothesis k_less : k <= 2 * l - 1.

Variable P : nat -> page.
Hypothesis P_endless : endless l n P.

Variable f : nat -> cache.
Hypothesis f_start : f 0 = [].
Hypothesis f_serves : forall t, length (f (S t)) <= k /\ In (P t) (f (S t)).

Notation miss := (miss k P).
Notation M := (upto miss).
Notation seg := (seg P).
Notation paid := (paid f).

Let seg_S := seg_S l k l_pos k_more k_less P.
Let paid_mono := paid_mono l k l_pos k_more k_less f.
Let phase_misses := phase_misses l n k l_pos k_more k_less P P_endless.
Let first_round := first_round l n k l_pos k_more k_less P P_endless f f_start f_serves.
Let two_rounds := two_rounds l n k l_pos k_more k_less P P_endless f f_serves.
Let phase_paid := phase_paid l k l_pos k_more k_less P f f_serves.
Let phase_round := phase_round l n k l_pos k_more k_less P P_endless f f_serves.

Notation m := (k - l).
Notation R := (2 * (k - l) + 1).

(** What the first round leaves over. *)
Notation K := (2 * (k - l) * l + (k - l) + 1).

(** After request [e]: all is paid for, and all but m of the misses of the next l-1 requests. *)
Definition good (e : nat) : Prop :=
  M (S e) + K <= R * paid (S e) + l /\ M (e + l) + K <= R * paid (S e) + l + m.

(** After [r] rounds since a phase: [π] had been paid then; [a] and [a'] are what the last rounds, every other one, must
    have cost since. *)
Definition chain (e : nat) : Prop := exists r a a' π,
  M (S e) + K <= R * π + l + r * m + a + a' /\ π + a <= paid (S e) /\ π + a' <= paid (S e) /\ r <= a /\
  (r * m + a + a' <= R * a \/ r * m + a + a' <= R * a') /\
  π + a' + M (e + l) <= paid (e + l) + m + M (S e).

Lemma chain_paid e : chain e -> M (S e) + K <= R * paid (S e) + l.
Proof.
  intros (r & a & a' & π & H1 & H2 & H3 & _ & H5 & _).
  assert (R * (π + a) <= R * paid (S e)) by (apply Nat.mul_le_mono_l; exact H2).
  assert (R * (π + a') <= R * paid (S e)) by (apply Nat.mul_le_mono_l; exact H3).
  rewrite Nat.mul_add_distr_l in *. lia.
Qed.

(** Claims 6 to 8. *)
Lemma chain_step e : chain e -> good e \/ chain (e + l - 1).
Proof.
  intros HC. pose proof (chain_paid e HC) as HP. destruct (Nat.le_gt_cases (M (e + l) + K) (R * paid (S e) + l + m)) as [Hle|Hgt].
  { left. now split. }
  right. destruct HC as (r & a & a' & π & H1 & H2 & H3 & H4 & H5 & H6).
  assert (Em : 1 <= m) by lia.
  assert (HA : R * π + R * a <= R * paid (S e)) by (rewrite <- Nat.mul_add_distr_l; apply Nat.mul_le_mono_l; exact H2).
  assert (HA' : R * π + R * a' <= R * paid (S e)) by (rewrite <- Nat.mul_add_distr_l; apply Nat.mul_le_mono_l; exact H3).
  pose proof (upto_mono miss (S e) (e + l) ltac:(lia)) as HM.
  pose proof (paid_mono (S e) (e + l) ltac:(lia)) as HQ.
  remember (M (e + l) - M (S e)) as g eqn:Eg. assert (Hg : M (e + l) = M (S e) + g) by lia.
  (* more than m misses in this round *)
  assert (G1 : R * a + m + 1 <= r * m + a + a' + g) by lia.
  assert (G2 : R * a' + m + 1 <= r * m + a + a' + g) by lia.
  assert (G3 : m + 1 <= g) by (destruct H5; lia).
  unfold chain. replace (S (e + l - 1)) with (e + l) by lia.
  exists (S r), (a' + (g - m)), a, π.
  split; [|split; [|split; [|split; [|split]]]].
  - lia.
  - lia.
  - lia.
  - clear - G1 H4 G3 Em. remember (k - l) as μ. nia.
  - left. clear - G1 H4 G3 Em. remember (k - l) as μ. 
    assert (B : 2 * μ * a + 1 <= r * μ + (a' + (g - μ))) by nia.
    remember (a' + (g - μ)) as b. clear Heqb G1 G3.
    assert (r + 1 <= b) by nia.
    nia.
  - replace (e + l - 1 + l) with (e + 2 * l - 1) by lia. pose proof (two_rounds e). lia.
Qed.

(** Claims 1 to 4. *)
Lemma good_step s z : good s -> s <= z ->
  (exists y, s < y /\ y <= z /\ chain y) \/ M (S z) + K <= R * paid (S z) + l + 2 * m.
Proof.
  intros [G1 G2] Hz.
  destruct (Nat.le_gt_cases (distinct (seg s (S z))) k) as [Hd|Hd].
  - right. pose proof (paid_mono (S s) (S z) ltac:(lia)) as HP.
    assert (R * paid (S s) <= R * paid (S z)) by (apply Nat.mul_le_mono_l; exact HP).
    destruct (Nat.le_gt_cases (s + l) (S z)) as [Hl|Hl].
    + pose proof (phase_misses s (S z) Hl Hd). lia.
    + pose proof (upto_mono miss (S z) (s + l) ltac:(lia)). lia.
  - left. assert (HY : exists y, s <= y /\ y <= z /\ distinct (seg s y) <= k /\ k < distinct (seg s (S y))).
    { clear G1 G2. induction Hz as [|z Hz IH].
      - exists s. split; [lia|]. split; [lia|]. split; [|exact Hd]. unfold LruWindows.seg. rewrite Nat.sub_diag. cbn. lia.
      - destruct (Nat.le_gt_cases (distinct (seg s (S z))) k) as [Hle|Hgt].
        + exists (S z). repeat split; auto.
        + destruct (IH Hgt) as (y & Y1 & Y2 & Y3 & Y4). exists y. repeat split; auto. }
    destruct HY as (y & Y1 & Y2 & Y3 & Y4). rewrite seg_S in Y4 by exact Y1.
    assert (Hn : ~ In (P y) (seg s y)).
    { intros H. assert (distinct (seg s y ++ [P y]) <= distinct (seg s y)); [|lia].
      apply distinct_le. intros q Hq. apply nodup_In. apply in_app_or in Hq as [Hq|[<-|[]]]; auto. }
    assert (Ek : distinct (seg s y) = k).
    { assert (distinct (seg s y ++ [P y]) <= S (distinct (seg s y))); [|lia].
      apply (distinct_le _ (P y :: nodup Nat.eq_dec (seg s y))). intros q Hq.
      apply in_app_or in Hq as [Hq|[<-|[]]]; [right; now apply nodup_In | now left]. }
    assert (Hsy : s + l <= y).
    { assert (distinct (seg s y) <= y - s); [|lia]. apply Nat.le_trans with (length (seg s y)).
      - apply distinct_le, incl_refl.
      - unfold LruWindows.seg. now rewrite map_length, seq_length. }
    pose proof (phase_misses s y Hsy Y3) as HM. pose proof (phase_paid s y Hsy Ek Hn) as HP.
    pose proof (phase_round s y Hsy Ek Hn) as HR.
    exists y. split; [lia|]. split; [exact Y2|]. exists 0, 0, 0, (paid (S s) + 1).
    split; [|split; [lia|split; [lia|split; [lia|split; [left; lia | lia]]]]].
    cbn [upto]. rewrite Nat.mul_add_distr_l. destruct (miss y); lia.
Qed.

Lemma walk d : forall e z, z < e + d -> e <= z -> good e \/ chain e -> M (S z) + K <= R * paid (S z) + l + 2 * m + l.
Proof.
  induction d as [|d IH]; intros e z Hd Hz H; [lia|].
  assert (HG : good e -> M (S z) + K <= R * paid (S z) + l + 2 * m + l).
  { intros G. destruct (good_step e z G Hz) as [(y & Y1 & Y2 & Y3)|Hb]; [|lia].
    apply (IH y z); auto. lia. }
  destruct H as [G|C]; [now apply HG|]. destruct (chain_step e C) as [G|C']; [now apply HG|].
  destruct (Nat.le_gt_cases (e + l - 1) z) as [Hle|Hgt].
  - apply (IH (e + l - 1) z); auto. lia.
  - pose proof (chain_paid e C). pose proof (upto_bound miss (S e) (S z) ltac:(lia)).
    pose proof (paid_mono (S e) (S z) ltac:(lia)) as HP.
    assert (R * paid (S e) <= R * paid (S z)) by (apply Nat.mul_le_mono_l; exact HP). lia.
Qed.

Lemma all_misses z : M z <= R * paid z.
Proof.
  destruct (Nat.le_gt_cases z l) as [Hz|Hz].
  - pose proof (upto_bound miss 0 z (Nat.le_0_l z)) as H. change (M 0) with 0 in H. pose proof (first_round z Hz).
    assert (1 * paid z <= R * paid z) by (apply Nat.mul_le_mono_r; lia). lia.
  - destruct z as [|z]; [lia|]. pose proof (walk (S z) (l - 1) z ltac:(lia) ltac:(lia)) as HW.
    enough (HG : good (l - 1)).
    { specialize (HW (or_introl HG)). assert (1 <= m) by lia. clear - HW H l_pos. remember (k - l) as μ.
      assert (2 * l + 2 * μ <= 2 * μ * l + μ + 1) by nia. lia. }
    pose proof (first_round l (le_n l)) as HP.
    assert (HR : R * l <= R * paid l) by (apply Nat.mul_le_mono_l; exact HP).
    unfold good. replace (S (l - 1)) with l by lia.
    pose proof (upto_bound miss 0 l (Nat.le_0_l l)) as H1. pose proof (upto_bound miss l (l - 1 + l) ltac:(lia)) as H2.
    change (M 0) with 0 in H1. assert (m + 1 <= l) by lia.
    assert (E : R * l = 2 * m * l + l) by nia. split; lia.
Qed.

End Upper.

(** LRU <= (2(k-l)+1) OPT for l < k <= 2l-1. *)
Lemma lru_short l n k σ m : 1 <= l -> l < k -> k <= 2 * l - 1 -> layered l n σ -> is_opt k σ m ->
  cost (LRU k) σ <= (2 * (k - l) + 1) * m.
Proof.
  intros Hl Hk Hk2 Hσ [[C HC] _]. destruct (list_eq_dec Nat.eq_dec σ []) as [->|Hne]; [apply Nat.le_0_l|].
  assert (Hn : 1 <= n).
  { destruct σ as [|p σ]; [easy|]. destruct (Hσ 0 p eq_refl). destruct n; lia. }
  destruct (endless_extends l n σ Hl Hn Hσ) as (P & HP & E).
  destruct (unroll k σ C m HC) as (f & F0 & _ & F2 & F3).
  set (T := length σ) in *. set (f' := fun t => if t <=? T then f t else [P (t - 1)]).
  assert (HF : forall t, length (f' (S t)) <= k /\ In (P t) (f' (S t))).
  { intros t. unfold f'. destruct (S t <=? T) eqn:Et.
    - apply Nat.leb_le in Et. destruct (F2 t Et) as [H1 H2]. split; [exact H1|]. unfold at_time in H2.
      rewrite <- E in H2 at 1. now rewrite pre_nth in H2 by exact Et.
    - simpl. rewrite Nat.sub_0_r. split; [lia | now left]. }
  pose proof (all_misses l n k Hl Hk Hk2 P HP f' F0 HF T) as H.
  pose proof (cost_misses l k Hl Hk Hk2 P T) as HM. rewrite E in HM.
  assert (EP : LruWindows.paid f' T = m).
  { rewrite <- F3. unfold LruWindows.paid, OneToken.paid. assert (HE : forall z, z <= T ->
      sum z (fun i => loads (f' i) (f' (S i))) = sum z (step σ f)).
    { induction z as [|z IH]; intros Hz; [reflexivity|]. cbn [sum]. rewrite IH by lia. f_equal. unfold f', step.
      fold T. destruct (z <=? T) eqn:E1; [|apply Nat.leb_gt in E1; lia].
      destruct (S z <=? T) eqn:E2; [|apply Nat.leb_gt in E2; lia].
      destruct (z <? T) eqn:E3; [reflexivity | apply Nat.ltb_ge in E3; lia]. }
    now apply HE. }
  rewrite EP in H. lia.
Qed.

(** LRU <= min(k, 2(k-l)+1) OPT for k > l, and for k = l = 1. *)
Theorem lru_value_upper l n k σ m : 1 <= l -> l < k \/ k = 1 -> l <= k -> layered l n σ -> is_opt k σ m ->
  cost (LRU k) σ <= Nat.min k (2 * (k - l) + 1) * m.
Proof.
  intros Hl H0 Hk Hσ Hm. destruct (Nat.le_gt_cases k (2 * (k - l) + 1)) as [Hle|Hgt].
  - rewrite Nat.min_l by exact Hle. pose proof (lru_upper l n k ltac:(lia) σ m Hσ Hm). lia.
  - rewrite Nat.min_r by lia. apply (lru_short l n k σ m); auto; lia.
Qed.

(** For l < k < l n, and for k = l = 1, the ratio of LRU is exactly min(k, 2(k-l)+1). *)
Theorem lru_value_all l n k : 1 <= l -> l < k \/ k = 1 -> l <= k -> k < l * n ->
  ratio_is l n k (LRU k) (Nat.min k (2 * (k - l) + 1)) 1.
Proof.
  intros Hl H0 Hk Hn. split; [|now apply lru_value_lower]. exists 0. intros σ m Hσ Hm.
  pose proof (lru_value_upper l n k σ m Hl H0 Hk Hσ Hm). lia.
Qed.
