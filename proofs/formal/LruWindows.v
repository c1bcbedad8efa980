(** * LruWindows: what LRU misses, and what every schedule pays, in a phase and in two rounds

    Note: proofs/notes/lru-value-upper.md, claims 1 to 5. Requests are those of an endless sequence (Timeline.v). For
    LruUpper.v: [phase_misses], [phase_paid], [phase_round], [two_rounds]. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Turns Timeline LRU OneToken.
Import ListNotations.

Section Windows.

Variables l n k : nat.
Hypothesis l_pos : 1 <= l.
Hypothesis k_more : l < k.
Hypothesis k_less : k <= 2 * l - 1.

Let slots : 1 <= k.
Proof. lia. Qed.

Variable P : nat -> page.
Hypothesis P_endless : endless l n P.

(** The requests from [s] to before [z]. *)
Definition seg (s z : nat) : list page := map P (seq s (z - s)).

Lemma seg_In s z q : In q (seg s z) <-> exists t, s <= t /\ t < z /\ P t = q.
Proof.
  unfold seg. rewrite in_map_iff. split; intros (t & H); exists t.
  - destruct H as [E H]. apply in_seq in H. split; [lia|]. split; [lia | exact E].
  - destruct H as (H1 & H2 & E). split; [exact E | apply in_seq; lia].
Qed.

Lemma seg_S s z : s <= z -> seg s (S z) = seg s z ++ [P z].
Proof.
  intros H. unfold seg. replace (S z - s) with (S (z - s)) by lia. rewrite seq_S, map_app.
  simpl. now replace (s + (z - s)) with z by lia.
Qed.

Lemma pre_seg s z : s <= z -> pre P z = pre P s ++ seg s z.
Proof.
  induction 1 as [|z Hz IH]; [unfold seg; rewrite Nat.sub_diag; now rewrite app_nil_r|].
  now rewrite pre_S, seg_S, IH, app_assoc by lia.
Qed.

(** ** Misses of LRU *)

Definition miss (t : nat) : bool := negb (mem (P t) (LRU k (pre P t))).

Notation M := (upto miss).

Lemma miss_true t : miss t = true <-> ~ In (P t) (LRU k (pre P t)).
Proof. unfold miss. rewrite negb_true_iff. apply mem_not_In. Qed.

Lemma cost_misses z : cost (LRU k) (pre P z) <= M z.
Proof.
  induction z as [|z IH]; [apply Nat.le_0_l|]. rewrite pre_S, cost_snoc. cbn [upto].
  assert (HI : forall q, In q (LRU k (pre P z ++ [P z])) -> q = P z \/ In q (LRU k (pre P z))).
  { intros q Hq. rewrite LRU_snoc in Hq. apply In_firstn in Hq as [<-|Hq]; [now left|]. right. now apply In_evict in Hq. }
  destruct (miss z) eqn:E.
  - pose proof (loads_one _ _ (P z) (proj1 (LRU_fits k slots (pre P z ++ [P z]))) HI). lia.
  - rewrite loads_refl; [lia|]. intros q Hq. destruct (HI q Hq) as [->|]; auto.
    apply mem_In. unfold miss in E. now destruct (mem (P z) (LRU k (pre P z))).
Qed.

(** A page requested since [s], and no more than k distinct ones since: a hit. *)
Lemma run_hit s z : s <= z -> distinct (seg s z) <= k -> In (P z) (seg s z) -> miss z = false.
Proof.
  intros Hs Hd Hin. destruct (miss z) eqn:E; [|reflexivity]. exfalso. apply miss_true in E. apply E.
  rewrite (pre_seg s z Hs). destruct (LRU_run k slots (pre P s) (seg s z) Hd) as [[rest ER] _].
  rewrite ER. apply in_or_app. left. now apply (proj2 (recent_spec (seg s z))).
Qed.

(** The page of the round before: a hit. *)
Lemma miss_changes t : l <= t -> miss t = true -> P (t - l) <> P t.
Proof.
  intros Ht HM E. rewrite (run_hit (t - l) t) in HM; [discriminate | lia | |].
  - apply Nat.le_trans with (length (seg (t - l) t)); [apply distinct_le, incl_refl|].
    unfold seg. rewrite map_length, seq_length. lia.
  - apply seg_In. exists (t - l). split; [lia|]. split; [lia | exact E].
Qed.

(** A round, and the pages missed in the next one. *)
Lemma round_and_misses t0 c f : c <= l -> (forall t, f t = true -> miss t = true) ->
  NoDup (map P (seq t0 l) ++ map P (filter f (seq (t0 + l) c))).
Proof.
  intros Hc Hf. rewrite <- map_app. apply NoDup_map_times.
  - apply NoDup_app; [apply seq_NoDup | apply NoDup_filter, seq_NoDup |].
    intros t H1 H2. apply in_seq in H1. apply filter_In in H2 as [H2 _]. apply in_seq in H2. lia.
  - assert (HR : forall t, In t (seq t0 l ++ filter f (seq (t0 + l) c)) -> t0 <= t /\ t < t0 + 2 * l /\
      (t0 + l <= t -> miss t = true)).
    { intros t Ht. apply in_app_or in Ht as [Ht|Ht].
      - apply in_seq in Ht. lia.
      - apply filter_In in Ht as [Ht F]. apply in_seq in Ht. split; [lia|]. split; [lia | auto]. }
    intros s t Hs Ht Hst E. destruct (HR s Hs) as (S1 & S2 & _). destruct (HR t Ht) as (T1 & T2 & T3).
    pose proof (endless_again l n P s t l_pos P_endless Hst ltac:(lia) E) as Et. apply (miss_changes t); [lia | apply T3; lia |].
    rewrite Et. rewrite Nat.add_sub. rewrite <- Et. exact E.
Qed.

Lemma round_distinct s : length (map P (seq s l)) = l /\ NoDup (map P (seq s l)).
Proof.
  split; [now rewrite map_length, seq_length|]. pose proof (round_and_misses s 0 (fun _ => false) ltac:(lia)) as H.
  rewrite app_nil_r in H. apply H. discriminate.
Qed.

Lemma misses_counted a c : length (filter miss (seq a c)) + M a = M (a + c).
Proof.
  induction c as [|c IH]; [now rewrite Nat.add_0_r|].
  rewrite seq_S, filter_app, app_length, Nat.add_succ_r. simpl. destruct (miss (a + c)); simpl; lia.
Qed.

(** Claim 1. *)
Lemma phase_misses s z : s + l <= z -> distinct (seg s z) <= k -> M z + l <= M (s + l) + distinct (seg s z).
Proof.
  induction 1 as [|z Hz IH]; intros Hd.
  - enough (l <= distinct (seg s (s + l))) by lia. destruct (round_distinct s) as [HL HN]. rewrite <- HL at 1.
    apply NoDup_incl_length; [exact HN|]. intros q Hq. apply nodup_In. unfold seg.
    now replace (s + l - s) with l by lia.
  - rewrite seg_S in * by lia. pose proof (distinct_snoc (seg s z) (P z)) as HD. specialize (IH ltac:(lia)).
    cbn [upto]. destruct (miss z) eqn:E; [|lia].
    assert (Hn : ~ In (P z) (seg s z)).
    { intros H. rewrite (run_hit s z) in E; [discriminate | lia | lia | exact H]. }
    enough (distinct (seg s z ++ [P z]) = S (distinct (seg s z))) by lia.
    rewrite <- !recent_length, recent_snoc. simpl. f_equal. f_equal. apply notin_remove.
    intros H. now apply Hn, (proj2 (recent_spec (seg s z))).
Qed.

(** ** What a schedule pays *)

Variable f : nat -> cache.
Hypothesis f_start : f 0 = [].
Hypothesis f_serves : forall t, length (f (S t)) <= k /\ In (P t) (f (S t)).

Definition paid (t : nat) : nat := sum t (fun i => loads (f i) (f (S i))).

Lemma paid_mono a b : a <= b -> paid a <= paid b.
Proof. induction 1; [lia|]. unfold paid in *. simpl. lia. Qed.

(** What was cached at [u], has been requested since, or is cached, is not more than was cached at u and loaded since. *)
Lemma loaded u b : u <= b -> exists Y, length Y + paid u <= length (f u) + paid b /\
  incl (f u) Y /\ incl (f b) Y /\ forall t, u <= t -> t < b -> In (P t) Y.
Proof.
  induction 1 as [|b Hb (Y & H1 & H0 & H2 & H3)].
  - exists (f u). split; [lia|]. split; [apply incl_refl|]. split; [apply incl_refl | intros; lia].
  - exists (Y ++ filter (fun q => negb (mem q (f b))) (f (S b))).
    assert (Hin : incl (f (S b)) (Y ++ filter (fun q => negb (mem q (f b))) (f (S b)))).
    { intros q Hq. apply in_or_app. destruct (mem q (f b)) eqn:E.
      - left. apply H2. now apply mem_In.
      - right. apply filter_In. split; [exact Hq | now rewrite E]. }
    split; [|split; [|split; [exact Hin|]]].
    + rewrite app_length. change (length (filter _ (f (S b)))) with (loads (f b) (f (S b))).
      assert (E : paid (S b) = paid b + loads (f b) (f (S b))) by reflexivity. lia.
    + intros q Hq. apply in_or_app. left. now apply H0.
    + intros t Ht1 Ht2. destruct (Nat.eq_dec t b) as [->|Hne].
      * apply Hin, f_serves.
      * apply in_or_app. left. apply H3; lia.
Qed.

(** Distinct pages requested from [u] on: all but k have been loaded since. *)
Lemma window u b X : u < b -> NoDup X -> (forall x, In x X -> exists t, u <= t /\ t < b /\ P t = x) ->
  length X + paid (S u) <= k + paid b.
Proof.
  intros Hub HN HX. destruct (loaded (S u) b Hub) as (Y & H1 & H0 & _ & H3). destruct (f_serves u) as [HL HI].
  enough (length X <= length Y) by lia.
  apply NoDup_incl_length; [exact HN|]. intros x Hx. destruct (HX x Hx) as (t & Ht1 & Ht2 & <-).
  destruct (Nat.eq_dec t u) as [->|Hne]; [now apply H0 | apply H3; lia].
Qed.

(** The first l requests are all loaded. *)
Lemma first_round t : t <= l -> t <= paid t.
Proof.
  intros Ht. destruct (loaded 0 t (Nat.le_0_l t)) as (Y & H1 & _ & _ & H3). rewrite f_start in H1. simpl length in H1 at 2.
  change (paid 0) with 0 in H1. enough (t <= length Y) by lia.
  rewrite <- (seq_length t 0) at 1. rewrite <- (map_length P). apply NoDup_incl_length.
  - apply NoDup_map_times; [apply seq_NoDup|]. intros a b Ha Hb Hab. apply in_seq in Ha, Hb.
    apply (endless_other l n P a b P_endless); lia.
  - intros q Hq. apply in_map_iff in Hq as (s & <- & Hs). apply in_seq in Hs. apply H3; lia.
Qed.

(** Claim 5. *)
Lemma two_rounds e : paid (S e) + M (e + 2 * l - 1) <= paid (e + 2 * l - 1) + (k - l) + M (e + l).
Proof.
  pose proof (round_and_misses e (l - 1) miss ltac:(lia) ltac:(auto)) as HN.
  pose proof (misses_counted (e + l) (l - 1)) as HM. replace (e + l + (l - 1)) with (e + 2 * l - 1) in HM by lia.
  pose proof (window e (e + 2 * l - 1) _ ltac:(lia) HN) as HW.
  rewrite app_length, !map_length, seq_length in HW.
  enough (l + length (filter miss (seq (e + l) (l - 1))) + paid (S e) <= k + paid (e + 2 * l - 1)) by lia.
  apply HW. intros x Hx. apply in_app_or in Hx as [Hx|Hx]; apply in_map_iff in Hx as (t & <- & Ht); exists t.
  - apply in_seq in Ht. split; [lia|]. split; [lia | reflexivity].
  - apply filter_In in Ht as [Ht _]. apply in_seq in Ht. split; [lia|]. split; [lia | reflexivity].
Qed.

(** Claims 2 and 4: y is the first request to a (k+1)-th distinct page since s. *)
Section Phase.

Variables s y : nat.
Hypothesis s_y : s + l <= y.
Hypothesis k_pages : distinct (seg s y) = k.
Hypothesis y_new : ~ In (P y) (seg s y).

Let S0 := nodup Nat.eq_dec (seg s y).

Let S0_In q : In q S0 <-> exists t, s <= t /\ t < y /\ P t = q.
Proof. unfold S0. rewrite nodup_In. apply seg_In. Qed.

Lemma phase_paid : paid (S s) + 1 <= paid (S y).
Proof.
  pose proof (window s (S y) (P y :: S0)) as H. simpl length in H. change (length S0) with (distinct (seg s y)) in H.
  rewrite k_pages in H. enough (S k + paid (S s) <= k + paid (S y)) by lia. apply H; [lia | |].
  - constructor; [|apply NoDup_nodup]. unfold S0. now rewrite nodup_In.
  - intros x [<-|Hx]; [exists y; split; [lia|]; split; [lia | reflexivity]|].
    apply S0_In in Hx as (t & T1 & T2 & E). exists t. split; [exact T1|]. split; [lia | exact E].
Qed.

Lemma y_miss : miss y = true.
Proof.
  apply miss_true. rewrite (pre_seg s y) by lia.
  destruct (LRU_run k slots (pre P s) (seg s y) ltac:(lia)) as [[rest ER] _].
  destruct (LRU_fits k slots (pre P s ++ seg s y)) as [_ HL]. rewrite ER in *.
  rewrite app_length, recent_length, k_pages in HL. destruct rest; [|simpl in HL; lia]. rewrite app_nil_r.
  intros H. now apply y_new, (proj2 (recent_spec (seg s y))).
Qed.

Lemma phase_round : paid (S s) + 1 + M (y + l) <= paid (y + l) + (k - l) + M (S y).
Proof.
  set (bad := fun t => miss t && mem (P t) S0). set (new := fun t => miss t && negb (mem (P t) S0)).
  assert (HB : l + length (filter bad (seq y l)) <= k).
  { pose proof (round_and_misses (y - l) l bad ltac:(lia)) as HN.
    replace (y - l + l) with y in HN by lia.
    specialize (HN ltac:(intros t Ht; now apply andb_true_iff in Ht)).
    rewrite <- k_pages. change (distinct (seg s y)) with (length S0).
    replace (l + length (filter bad (seq y l))) with (length (map P (seq (y - l) l) ++ map P (filter bad (seq y l))))
      by (now rewrite app_length, !map_length, seq_length).
    apply NoDup_incl_length; [exact HN|]. intros q Hq.
    apply in_app_or in Hq as [Hq|Hq]; apply in_map_iff in Hq as (t & <- & Ht).
    - apply in_seq in Ht. apply S0_In. exists t. split; [lia|]. split; [lia | reflexivity].
    - apply filter_In in Ht as [_ Ht]. apply andb_true_iff in Ht as [_ Ht]. now apply mem_In. }
  assert (HC : length (filter bad (seq y l)) + length (filter new (seq y l)) = length (filter miss (seq y l))).
  { generalize (seq y l). intros ts. induction ts as [|t ts IH]; [reflexivity|]. cbn [filter]. unfold bad at 1, new at 1.
    destruct (miss t), (mem (P t) S0); simpl; lia. }
  pose proof (misses_counted y l) as HM.
  assert (HY : M (S y) = M y + 1) by (cbn [upto]; now rewrite y_miss).
  pose proof (window s (y + l) (S0 ++ map P (filter new (seq y l)))) as HW.
  rewrite app_length, map_length in HW. change (length S0) with (distinct (seg s y)) in HW. rewrite k_pages in HW.
  enough (k + length (filter new (seq y l)) + paid (S s) <= k + paid (y + l)) by lia. apply HW; [lia | |].
  - apply NoDup_app; [apply NoDup_nodup | |].
    + apply NoDup_map_times; [apply NoDup_filter, seq_NoDup|]. intros a b Ha Hb Hab.
      apply filter_In in Ha as [Ha _], Hb as [Hb _]. apply in_seq in Ha, Hb.
      apply (endless_other l n P a b P_endless); lia.
    + intros q H1 H2. apply in_map_iff in H2 as (t & <- & Ht). apply filter_In in Ht as [_ Ht].
      apply andb_true_iff in Ht as [_ Ht]. apply mem_In in H1. now rewrite H1 in Ht.
  - intros x Hx. apply in_app_or in Hx as [Hx|Hx].
    + apply S0_In in Hx as (t & T1 & T2 & E). exists t. split; [exact T1|]. split; [lia | exact E].
    + apply in_map_iff in Hx as (t & <- & Ht). apply filter_In in Ht as [Ht _]. apply in_seq in Ht.
      exists t. split; [lia|]. split; [lia | reflexivity].
Qed.

End Phase.

End Windows.
