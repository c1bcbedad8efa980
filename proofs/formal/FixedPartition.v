(** * FixedPartition: a fixed partition of the cache has no finite ratio

    Note: proofs/notes/fixed-partition.md; here for deterministic policies, lazy or not. Main
    theorems: [partition_layer], one layer j has k_j < min(n, k-l+1) slots; [fixed_partition], for
    l >= 2, l < k < n l every partition has such a layer. *)

From Coq Require Import List Arith Lia.
From LayeredPaging Require Import Model Sets LowerBound Turns.
Import ListNotations.

Section Partition.

Variables l n k : nat.

(** Layer j never has more than [slots j] pages in the cache. *)
Definition divided (slots : nat -> nat) (A : policy) : Prop :=
  forall σ j, layered l n σ -> j < l -> count (fun p => layer n p =? j) (A σ) <= slots j.

Section Adversary.

Hypothesis l_pos : 1 <= l.
Variable slots : nat -> nat.
Variable A : policy.
Hypothesis A_legal : legal l n k A.
Hypothesis A_divided : divided slots A.
Variable j : nat.
Hypothesis j_layer : j < l.
Hypothesis few_experts : slots j < n.
Hypothesis few_slots : slots j + l <= k.

(** One page more in layer j than it has slots; one page in each other layer. *)
Definition in_j : list page := map (fun e => j * n + e) (seq 0 (S (slots j))).
Definition others : list page := map (fun i => i * n) (filter (fun i => negb (i =? j)) (seq 0 l)).
Definition all : list page := in_j ++ others.

Lemma map_NoDup (f : nat -> nat) C : (forall x y, f x = f y -> x = y) -> NoDup C -> NoDup (map f C).
Proof.
  intros Hf. induction 1 as [|x C Hx HC IH]; simpl; constructor; auto.
  rewrite in_map_iff. intros (y & E & Hy). apply Hf in E. now subst.
Qed.

Lemma in_j_spec p : In p in_j -> p < l * n /\ layer n p = j.
Proof.
  unfold in_j. rewrite in_map_iff. intros (e & <- & He). apply in_seq in He.
  assert (j * n + n <= l * n). { replace (j * n + n) with (S j * n) by (simpl; lia).
    apply Nat.mul_le_mono_r. lia. }
  split; [lia|]. unfold layer. rewrite Nat.add_comm, Nat.div_add by lia.
  rewrite Nat.div_small by lia. reflexivity.
Qed.

Lemma in_j_NoDup : NoDup in_j.
Proof. apply map_NoDup; [lia | apply seq_NoDup]. Qed.

Lemma others_spec i : i < l -> i <> j -> In (i * n) others.
Proof.
  intros Hi Hn. apply in_map_iff. exists i. split; [reflexivity|]. apply filter_In.
  split; [apply in_seq; lia|]. apply Nat.eqb_neq in Hn. now rewrite Hn.
Qed.

Lemma others_layer p : In p others -> p < l * n /\ layer n p <> j.
Proof.
  unfold others. rewrite in_map_iff. intros (i & <- & Hi). apply filter_In in Hi as [Hi E].
  apply in_seq in Hi. split; [apply Nat.mul_lt_mono_pos_r; lia|].
  rewrite layer_first by lia. intros ->. now rewrite Nat.eqb_refl in E.
Qed.

Lemma all_fits : fits k all.
Proof.
  split.
  - apply NoDup_app; [apply in_j_NoDup| |].
    + apply map_NoDup; [|apply NoDup_filter, seq_NoDup].
      intros x y E. apply Nat.mul_cancel_r in E; lia.
    + intros q Hq Ho. apply in_j_spec in Hq. apply others_layer in Ho. tauto.
  - unfold all, in_j, others. rewrite app_length, !map_length, seq_length.
    assert (length (filter (fun i => negb (i =? j)) (seq 0 l)) < l); [|lia].
    pose proof (count_split (fun i => i =? j) (seq 0 l)) as E. rewrite seq_length in E.
    assert (1 <= count (fun i => i =? j) (seq 0 l)).
    { apply (count_In _ _ j); [apply in_seq; lia | apply Nat.eqb_refl]. }
    unfold count in *. lia.
Qed.

(** Offline the pages stay where they are, once loaded. *)
Definition state (σ : list page) : Prop :=
  layered l n σ /\ exists c, schedule k σ all c /\ c <= k.

Lemma state_step σ q : state σ -> In q all -> layer n q = length σ mod l -> state (σ ++ [q]).
Proof.
  intros (Hσ & c & HS & Hc) Hq Hl. split.
  - apply layered_snoc; auto. apply in_app_or in Hq as [Hq|Hq];
      [now apply in_j_spec | now apply others_layer].
  - exists (c + loads all all). split; [constructor; auto; apply all_fits|].
    rewrite loads_refl by apply incl_refl. lia.
Qed.

Lemma state_first q : In q all -> layer n q = 0 -> state [q].
Proof.
  intros Hq Hl. split.
  - apply (layered_snoc l n [] q); [apply layered_nil| |now rewrite Nat.mod_0_l by lia].
    apply in_app_or in Hq as [Hq|Hq]; [now apply in_j_spec | now apply others_layer].
  - exists (0 + loads [] all). split.
    + apply (schedule_serve k [] [] 0 q); [constructor | apply all_fits | exact Hq].
    + destruct all_fits as [_ H]. rewrite loads_count.
      pose proof (count_le_length (fun p => negb (mem p [])) all). lia.
Qed.

(** A page of layer j that is not cached. *)
Lemma missing_in_j σ : layered l n σ -> exists h, In h in_j /\ ~ In h (A σ).
Proof.
  intros Hσ. pose proof (A_divided σ j Hσ j_layer) as H. unfold count in H.
  destruct (missing in_j (filter (fun p => layer n p =? j) (A σ)) in_j_NoDup) as (h & Hh & Hn).
  - unfold in_j. rewrite map_length, seq_length. lia.
  - exists h. split; [exact Hh|]. intros Hin. apply Hn, filter_In. split; [exact Hin|].
    apply Nat.eqb_eq. now apply in_j_spec.
Qed.

Lemma wait d : forall σ, state σ -> (forall i, i < d -> (length σ + i) mod l <> j) ->
  exists τ, length τ = d /\ state (σ ++ τ).
Proof.
  induction d as [|d IH]; intros σ HS Hd.
  - exists []. now rewrite app_nil_r.
  - specialize (Hd 0) as H0. rewrite Nat.add_0_r in H0.
    set (i := length σ mod l) in *.
    assert (Hi : i < l) by (apply Nat.mod_upper_bound; lia).
    destruct (IH (σ ++ [i * n])) as (τ & H1 & H2).
    + apply state_step; [exact HS | apply in_or_app; right; apply others_spec; [exact Hi|]; apply H0; lia |].
      apply layer_first. lia.
    + intros i' Hi'. rewrite app_length. simpl.
      specialize (Hd (S i') ltac:(lia)). now replace (length σ + 1 + i') with (length σ + S i') by lia.
    + exists (i * n :: τ). rewrite <- app_assoc in H2. simpl. auto.
Qed.

(** Until layer j has had its turn, and the policy has missed. *)
Lemma round σ : state σ -> exists τ, state (σ ++ τ) /\ cost A σ + 1 <= cost A (σ ++ τ).
Proof.
  intros HS. destruct (next_turn l (length σ) j j_layer) as (d & _ & Hd & Hb).
  destruct (wait d σ HS Hb) as (τ & Hτ & HS').
  destruct (missing_in_j (σ ++ τ) (proj1 HS')) as (h & Hh & Hn).
  assert (HS'' : state ((σ ++ τ) ++ [h])).
  { apply state_step; [exact HS' | apply in_or_app; now left |]. rewrite app_length, Hτ, Hd.
    now apply in_j_spec. }
  exists (τ ++ [h]). rewrite app_assoc. split; [exact HS''|]. rewrite cost_snoc.
  pose proof (cost_mono A σ τ). destruct A_legal as [_ HA].
  destruct (HA (σ ++ τ) h (proj1 HS'')) as [_ Hin].
  pose proof (loads_miss (A (σ ++ τ)) _ h Hin Hn). lia.
Qed.

Lemma rounds N : exists σ, state σ /\ N <= cost A σ.
Proof.
  induction N as [|N (σ & HS & HN)].
  - exists [0]. split; [|lia]. apply state_first; [|unfold layer; apply Nat.div_0_l; lia].
    apply in_or_app. destruct (Nat.eq_dec j 0) as [E|E].
    + left. apply in_map_iff. exists 0. rewrite E. split; [reflexivity | apply in_seq; lia].
    + right. apply (others_spec 0); lia.
  - destruct (round σ HS) as (τ & HS' & HC). exists (σ ++ τ). split; [exact HS' | lia].
Qed.

Lemma adversary_wins : no_finite_ratio l n k A.
Proof.
  apply (no_ratio l n k A ltac:(lia) k). intros N.
  destruct (rounds N) as (σ & (Hσ & c & HS & Hc) & HN). exists σ, all, c. auto.
Qed.

End Adversary.

(** Some layer has fewer slots than it has pages, and fewer than k-l+1: no finite ratio. *)
Theorem partition_layer slots A j :
  j < l -> slots j < n -> slots j < k - l + 1 -> l <= k ->
  legal l n k A -> divided slots A -> no_finite_ratio l n k A.
Proof.
  intros Hj Hn Hs Hk HA HD. apply (adversary_wins ltac:(lia) slots A HA HD j); auto. lia.
Qed.

Definition total (slots : nat -> nat) : nat := fold_right plus 0 (map slots (seq 0 l)).

Lemma total_ge slots m : (forall j, j < l -> m <= slots j) -> l * m <= total slots.
Proof.
  intros H. unfold total.
  assert (HC : forall C, (forall j, In j C -> m <= slots j) ->
    length C * m <= fold_right plus 0 (map slots C)).
  { induction C as [|x C IH]; intros Hx; simpl; [lia|].
    specialize (IH (fun j Hj => Hx j (or_intror Hj))). specialize (Hx x (or_introl eq_refl)). lia. }
  specialize (HC (seq 0 l)). rewrite seq_length in HC. apply HC. intros j Hj. apply H.
  apply in_seq in Hj. lia.
Qed.

(** For l >= 2 and l < k < n l no partition into at most k slots has a finite ratio. *)
Theorem fixed_partition slots A :
  2 <= l -> l < k -> k < l * n -> total slots <= k ->
  legal l n k A -> divided slots A -> no_finite_ratio l n k A.
Proof.
  intros Hl Hk Hn HT HA HD. set (m := Nat.min n (k - l + 1)).
  destruct (existsb (fun j => slots j <? m) (seq 0 l)) eqn:E.
  - apply existsb_exists in E as (j & Hj & Hm). apply in_seq in Hj. apply Nat.ltb_lt in Hm.
    apply (partition_layer slots A j); auto; unfold m in Hm; lia.
  - exfalso. assert (H : l * m <= total slots).
    { apply total_ge. intros j Hj. destruct (Nat.le_gt_cases m (slots j)) as [|Hlt]; [assumption|].
      exfalso. apply Bool.not_true_iff_false in E. apply E. apply existsb_exists. exists j.
      split; [apply in_seq; lia | now apply Nat.ltb_lt]. }
    destruct (Nat.le_gt_cases n (k - l + 1)) as [Hle|Hgt].
    + unfold m in H. rewrite Nat.min_l in H by exact Hle. lia.
    + unfold m in H. rewrite Nat.min_r in H by lia.
      assert (2 * (k - l + 1) <= l * (k - l + 1)) by now apply Nat.mul_le_mono_r.
      assert (E2 : l * (k - l + 1) = l * (k - l) + l) by lia.
      assert (2 * (k - l) <= l * (k - l)) by now apply Nat.mul_le_mono_r. lia.
Qed.

End Partition.
