(** * Tight: guided-far has ratio at most max(l, k-l+1), and so k-l+1 for k >= 2l-1

    Note: proofs/notes/guided-far-upper.md; the window is counted in another way here. On a miss with
    a full cache guided-far (Far.v) evicts, among the safe pages, one whose layer is visited last; ties
    may be broken in any way. Main theorems: [far_upper], ALG <= max(l, k-l+1) OPT with
    constant 0 at every prefix; [deterministic_value], with [deterministic_lower]: for
    2l-1 <= k < l n the best deterministic ratio is k-l+1.

    The idea. A segment begins with a growth of OPT and ends before the next one; let s be the number
    of distinct pages requested in it. Its first l requests are of different layers, so s is l after
    them, and each later miss raises s by one: a segment costs at most 1 + x + (s-l), where x counts
    the misses among its requests 2, ..., l. The point is that x is at most k-s' where s' >= l+1 is the
    s at the end of the segment before ([window], Window.v): if one of the first s' pages is not cached any
    more, its layer does not come again in these l requests, as the farthest layer is evicted first.
    So what one segment costs too much the one before cost too little, and k-s pays for it ([slack]).
    For s' <= l the trivial x <= l-1 is enough: the segment before
    had no misses but its growth and those in its window. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Offset Since LazyFacts Guided Turns Low Far Window.
From LayeredPaging Require Import DeterministicLower.
Import ListNotations.

Section Tight.

Variables l n k : nat.
Hypothesis l_pos : 1 <= l.
Hypothesis k_enough : l <= k.

Let slots : 1 <= k.
Proof. lia. Qed.

Notation level := (levels_of k).
Notation since := (since k).

Notation quiet := (quiet k).
Notation guided_far := (Far.guided_far l n k).

Section Policy.

Variable A : policy.
Hypothesis A_far : guided_far A.

Let A_guided : guided l n k A := proj1 A_far.
Let A_lazy : lazy l n k A := proj1 A_guided.

Let full_facts := Window.full_facts l n k l_pos k_enough A A_far.
Let last_growth := Window.last_growth l k l_pos k_enough.
Let since_layers := Window.since_layers l n k l_pos k_enough.
Let win_start := Window.win_start l n k l_pos k_enough A A_far.
Let win_step := Window.win_step l n k l_pos k_enough A A_far.

(** How many misses the window of the next growth may have. *)
Definition slack (σ : list page) : nat :=
  if length (since σ) <=? l then l - 1 else Nat.min (k - length (since σ)) (l - 1).

Lemma slack_few σ : length (since σ) <= l -> slack σ = l - 1.
Proof. intros H. unfold slack. apply Nat.leb_le in H. now rewrite H. Qed.

Lemma slack_many σ : l < length (since σ) -> slack σ = Nat.min (k - length (since σ)) (l - 1).
Proof. intros H. unfold slack. apply Nat.leb_gt in H. now rewrite H. Qed.

Lemma slack_le σ : slack σ <= l - 1.
Proof. unfold slack. destruct (_ <=? l); lia. Qed.

Section Segment.

Variable σ0 : list page.
Variable p : page.
Hypothesis full0 : length (A σ0) = k.
Hypothesis growth : k < level σ0 p.

Lemma layered_middle τ : layered l n (σ0 ++ p :: τ) -> layered l n (σ0 ++ [p]).
Proof. intros H. apply (layered_prefix l n _ τ). now rewrite <- app_assoc. Qed.

Lemma since_growth : since (σ0 ++ [p]) = [p].
Proof. rewrite since_snoc. unfold grows. apply Nat.ltb_lt in growth. now rewrite growth. Qed.

Lemma since_quiet σ r : level σ r <= k -> since (σ ++ [r]) = r :: evict r (since σ).
Proof.
  intros G. rewrite since_snoc. unfold grows. destruct (k <? level σ r) eqn:E; [|reflexivity].
  apply Nat.ltb_lt in E. lia.
Qed.

Lemma growth_missing : layered l n σ0 -> ~ In p (A σ0).
Proof.
  intros Hσ H. destruct (full_facts σ0 Hσ full0) as (_ & HO & _). specialize (HO k (le_n k)).
  assert (1 <= above (level σ0) k (A σ0)); [|lia].
  apply (count_In _ _ p H). now apply Nat.ltb_lt.
Qed.

(** A request costs nothing if its page was requested since the growth, and at most one. *)
Lemma quiet_cost σ r : layered l n (σ ++ [r]) -> length (A σ) = k -> level σ r <= k ->
  cost A (σ ++ [r]) + length (since σ) <= cost A σ + length (since (σ ++ [r])) /\
  length (since σ) <= length (since (σ ++ [r])) /\ cost A (σ ++ [r]) <= cost A σ + 1.
Proof.
  intros Hσ HL G. pose proof (layered_prefix _ _ _ _ Hσ) as Hσ'.
  destruct (full_facts σ Hσ' HL) as (_ & _ & HS). rewrite (since_quiet σ r G). simpl.
  destruct (in_dec Nat.eq_dec r (since σ)) as [Hr|Hr].
  - pose proof (length_evict r _ (since_NoDup k slots σ) Hr). apply HS in Hr.
    rewrite (proj2 (lazy_hit l n k A A_lazy σ r Hσ Hr)). lia.
  - unfold evict. rewrite notin_remove by assumption. destruct (in_dec Nat.eq_dec r (A σ)) as [HrA|HrA].
    + rewrite (proj2 (lazy_hit l n k A A_lazy σ r Hσ HrA)). lia.
    + rewrite (lazy_miss l n k A A_lazy σ r Hσ HrA). lia.
Qed.

(** The first l requests of a segment are l distinct pages; they cost at most one each. *)
Lemma segment_begins τ : layered l n (σ0 ++ p :: τ) -> quiet σ0 p τ -> length τ < l ->
  length (A (σ0 ++ p :: τ)) = k /\ length (since (σ0 ++ p :: τ)) = S (length τ) /\
  (forall q, In q (since (σ0 ++ p :: τ)) ->
     exists d, d < S (length τ) /\ layer n q = (length σ0 + d) mod l) /\
  cost A (σ0 ++ p :: τ) <= cost A σ0 + 1 + length τ.
Proof.
  induction τ as [|τ r IH] using snoc_ind; intros Hσ Hq Hl.
  - pose proof (layered_prefix _ _ _ _ Hσ) as Hσ0.
    split; [now apply (lazy_full l n k A A_lazy)|]. rewrite since_growth. split; [reflexivity|].
    split.
    + intros q [<-|[]]. exists 0. split; [simpl; lia|]. rewrite Nat.add_0_r.
      now apply (layered_last l n σ0 p).
    + rewrite (lazy_miss l n k A A_lazy σ0 p Hσ (growth_missing Hσ0)). lia.
  - apply quiet_snoc in Hq as [Hq G]. rewrite app_length in Hl. simpl in Hl.
    replace (σ0 ++ p :: τ ++ [r]) with ((σ0 ++ p :: τ) ++ [r]) in * by now rewrite <- app_assoc.
    pose proof (layered_prefix _ _ _ _ Hσ) as Hσ'.
    destruct (IH Hσ' Hq ltac:(lia)) as (H1 & H2 & H3 & H4).
    destruct (quiet_cost _ r Hσ H1 G) as (_ & _ & HC).
    split; [now apply (lazy_full l n k A A_lazy)|].
    pose proof (layered_last l n _ r Hσ) as [_ Hr]. rewrite app_length in Hr. simpl in Hr.
    assert (Hrs : ~ In r (since (σ0 ++ p :: τ))).
    { intros H. destruct (H3 r H) as (d & Hd & E). rewrite Hr in E. apply mod_unique in E; lia. }
    rewrite (since_quiet _ r G). unfold evict. rewrite notin_remove by assumption.
    rewrite app_length. simpl. split; [lia|]. split; [|lia]. intros q [<-|Hqs].
    + exists (S (length τ)). split; [lia | exact Hr].
    + destruct (H3 q Hqs) as (d & Hd & E). exists d. split; [lia | exact E].
Qed.

(** If many pages were requested since the growth before, the window of this one is cheap. *)
Lemma window τ : layered l n (σ0 ++ p :: τ) -> quiet σ0 p τ -> length τ < l ->
  cost A (σ0 ++ p :: τ) <= cost A σ0 + 1 + slack σ0.
Proof.
  intros Hσ Hq Hl. destruct (segment_begins τ Hσ Hq Hl) as (_ & _ & _ & HC).
  destruct (Nat.le_gt_cases (l + 1) (length (since σ0))) as [many|few].
  2: { rewrite slack_few by lia. lia. }
  rewrite slack_many by lia.
  pose proof (layered_middle τ Hσ) as first. pose proof (layered_last l n σ0 p first) as [Hp1 Hp2].
  destruct (since_layers σ0 (length σ0 mod l)) as (a & Ha & Hal).
  { now apply layered_prefix in first. }
  { lia. }
  { apply Nat.mod_upper_bound. lia. }
  assert (HW : exists P b, win l n k A σ0 a (σ0 ++ p :: τ) (S (length τ)) P b).
  { clear HC. induction τ as [|τ r IH] using snoc_ind.
    - exists (p :: since σ0), (length (since σ0)). now apply win_start.
    - apply quiet_snoc in Hq as [Hq G]. rewrite app_length in *. simpl in Hl |- *.
      replace (σ0 ++ p :: τ ++ [r]) with ((σ0 ++ p :: τ) ++ [r]) in * by now rewrite <- app_assoc.
      destruct (IH (layered_prefix _ _ _ _ Hσ) Hq ltac:(lia)) as (P & b & W).
      replace (length τ + 1) with (S (length τ)) by lia. eapply win_step; eauto; lia. }
  destruct HW as (P & b & W). pose proof (win_cost _ _ _ _ _ _ _ _ _ _ W). pose proof (win_b _ _ _ _ _ _ _ _ _ _ W).
  lia.
Qed.

(** A whole segment. *)
Lemma segment τ : layered l n (σ0 ++ p :: τ) -> quiet σ0 p τ -> l <= S (length τ) ->
  length (A (σ0 ++ p :: τ)) = k /\ l <= length (since (σ0 ++ p :: τ)) /\
  cost A (σ0 ++ p :: τ) + l <= cost A σ0 + 1 + slack σ0 + length (since (σ0 ++ p :: τ)).
Proof.
  induction τ as [|τ r IH] using snoc_ind; intros Hσ Hq Hl.
  - destruct (segment_begins [] Hσ Hq) as (H1 & H2 & _ & H4); [simpl; lia|].
    split; [exact H1|]. rewrite H2. simpl in *. lia.
  - destruct (Nat.eq_dec (S (length (τ ++ [r]))) l) as [El|El].
    + destruct (segment_begins (τ ++ [r]) Hσ Hq) as (H1 & H2 & _ & _); [lia|].
      pose proof (window (τ ++ [r]) Hσ Hq ltac:(lia)). split; [exact H1|]. rewrite H2. lia.
    + rewrite app_length in El, Hl. simpl in El, Hl. apply quiet_snoc in Hq as [Hq G].
      replace (σ0 ++ p :: τ ++ [r]) with ((σ0 ++ p :: τ) ++ [r]) in * by now rewrite <- app_assoc.
      destruct (IH (layered_prefix _ _ _ _ Hσ) Hq ltac:(lia)) as (H1 & H2 & H3).
      destruct (quiet_cost _ r Hσ H1 G) as (HC & HS & _).
      split; [now apply (lazy_full l n k A A_lazy)|]. lia.
Qed.

End Segment.

(** ** All segments together *)

(** ALG + slack <= max(l, k-l+1) OPT, from the first request on. *)
Definition ratio : nat := Nat.max l (k - l + 1).

Definition paid (σ : list page) : Prop := cost A σ + slack σ <= ratio * growths k σ.

Lemma paid_step σ0 p τ : length (A σ0) = k -> k < level σ0 p -> layered l n (σ0 ++ p :: τ) ->
  quiet σ0 p τ -> growths k (σ0 ++ p :: τ) = growths k σ0 + 1 -> paid σ0 ->
  length (A (σ0 ++ p :: τ)) = k /\ paid (σ0 ++ p :: τ).
Proof.
  intros HF G Hσ Hq Hg HP. unfold paid in *. rewrite Hg, Nat.mul_add_distr_l, Nat.mul_1_r.
  assert (HR : l <= ratio /\ k - l + 1 <= ratio) by (unfold ratio; lia).
  pose proof (slack_le (σ0 ++ p :: τ)) as HL.
  destruct (Nat.le_gt_cases l (length τ)) as [H|H].
  - destruct (segment σ0 p HF G τ Hσ Hq ltac:(lia)) as (H1 & H2 & H3). split; [exact H1|].
    pose proof (since_length k slots (σ0 ++ p :: τ)).
    destruct (Nat.le_gt_cases (length (since (σ0 ++ p :: τ))) l) as [Hs|Hs].
    + lia.
    + rewrite (slack_many _ Hs) in *. lia.
  - destruct (segment_begins σ0 p HF G τ Hσ Hq H) as (H1 & _ & _ & _). split; [exact H1|].
    pose proof (window σ0 p HF G τ Hσ Hq H). lia.
Qed.

(** While nothing has been evicted every miss is a growth; afterwards the cache is full and [paid]
    holds. *)
Lemma all_segments σ : layered l n σ ->
  (incl σ (A σ) /\ cost A σ <= growths k σ) \/ (length (A σ) = k /\ paid σ).
Proof.
  remember (length σ) as len eqn:E. revert σ E.
  induction len as [len IH] using lt_wf_ind. intros σ E Hσ.
  destruct (list_eq_dec Nat.eq_dec σ []) as [->|Hne]; [left; split; [easy | cbn; lia]|].
  destruct (last_growth σ Hne) as (σ0 & p & τ & -> & G & _ & Hg & Hq).
  rewrite app_length in E. simpl in E.
  pose proof (layered_prefix _ _ _ _ Hσ) as Hσ0.
  destruct (IH (length σ0) ltac:(lia) σ0 eq_refl Hσ0) as [[HI HC]|[HF HP]].
  - destruct (Nat.eq_dec (length (A σ0)) k) as [HF|HF].
    + right. apply paid_step; auto. unfold paid.
      assert (1 <= growths k σ0).
      { destruct σ0 as [|x σ1].
        - destruct A_lazy as [[H0 _] _]. rewrite H0 in HF. simpl in HF. lia.
        - unfold growths. cbn [growths_from]. change (start k) with (level []).
          rewrite (first_grows k slots x). lia. }
      pose proof (slack_le σ0) as HS. assert (HR : l <= ratio) by (unfold ratio; lia).
      assert (E1 : l * growths k σ0 <= ratio * growths k σ0) by now apply Nat.mul_le_mono_r.
      assert (E2 : (l - 1) * 1 <= (l - 1) * growths k σ0) by now apply Nat.mul_le_mono_l.
      assert (E3 : l * growths k σ0 = (l - 1) * growths k σ0 + growths k σ0).
      { replace l with (l - 1 + 1) at 1 by lia. rewrite Nat.mul_add_distr_r. lia. }
      lia.
    + (* a slot is empty: p enters, and the rest are hits *)
      left. pose proof (layered_middle σ0 p τ Hσ) as first.
      destruct (lazy_fits l n k A A_lazy σ0 Hσ0) as [_ HL].
      rewrite Hg. clear Hg Hne E IH. induction τ as [|τ r IHτ] using snoc_ind.
      * assert (HpA : ~ In p (A σ0)).
        { intros H. pose proof (proj2 A_guided σ0 Hσ0 k (le_n k)) as HO.
          assert (1 <= above (level σ0) k (A σ0)); [|lia].
          apply (count_In _ _ p H). now apply Nat.ltb_lt. }
        split; [|rewrite (lazy_miss l n k A A_lazy σ0 p first HpA); lia].
        destruct (proj2 A_lazy σ0 p first) as [[? _]|[(_ & _ & HS)|(_ & ? & _)]]; [contradiction| |lia].
        intros q Hqin. apply HS. apply in_app_or in Hqin as [H|[<-|[]]]; [right; now apply HI | now left].
      * apply quiet_snoc in Hq as [Hq Gr].
        replace (σ0 ++ p :: τ ++ [r]) with ((σ0 ++ p :: τ) ++ [r]) in * by now rewrite <- app_assoc.
        destruct (IHτ (layered_prefix _ _ _ _ Hσ) Hq) as [HI' HC'].
        assert (Hr : In r (A (σ0 ++ p :: τ))).
        { destruct (in_dec Nat.eq_dec r (σ0 ++ p :: τ)) as [H|H]; [now apply HI'|]. exfalso.
          pose proof (levels_fresh k slots _ r H). lia. }
        destruct (lazy_hit l n k A A_lazy _ r Hσ Hr) as [HS HC'']. split; [|lia].
        intros q Hqin. apply HS. apply in_app_or in Hqin as [H|[<-|[]]]; [now apply HI' | exact Hr].
  - right. now apply paid_step.
Qed.

(** ALG <= max(l, k-l+1) OPT at every prefix. *)
Theorem far_upper σ m : layered l n σ -> is_opt k σ m -> cost A σ <= Nat.max l (k - l + 1) * m.
Proof.
  intros Hσ Hm. apply opt_growths in Hm; [|exact slots]. subst m.
  fold ratio. destruct (all_segments σ Hσ) as [[_ H]|[_ H]].
  - assert (1 * growths k σ <= ratio * growths k σ) by (apply Nat.mul_le_mono_r; unfold ratio; lia).
    lia.
  - unfold paid in H. lia.
Qed.

End Policy.

End Tight.

(** Guided-far has this ratio, and no deterministic policy a smaller one. *)
Theorem deterministic_value l n k : 1 <= l -> 2 * l - 1 <= k -> k < l * n ->
  (exists A, legal l n k A /\ ratio_is l n k A (k - l + 1) 1) /\
  (forall A, legal l n k A -> ratio_at_least l n k A (k - l + 1) 1).
Proof.
  intros Hl Hk Hn.
  assert (LB : forall A, legal l n k A -> ratio_at_least l n k A (k - l + 1) 1).
  { intros A HA. apply deterministic_lower; auto. lia. }
  split; [|exact LB]. exists (first_far l n k). assert (Hkl : l <= k) by lia.
  pose proof (far_exists l n k Hl Hkl) as HF. pose proof (proj1 (proj1 (proj1 HF))) as HL.
  split; [exact HL|]. split; [|now apply LB]. exists 0. intros σ m Hσ Hm.
  pose proof (far_upper l n k Hl Hkl _ HF σ m Hσ Hm) as HU. rewrite Nat.max_r in HU by lia. lia.
Qed.
