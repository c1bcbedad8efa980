(** * DeterministicLower: every deterministic policy has ratio at least k-l+1

    Note: proofs/notes/deterministic-lower.md, for l <= k < n l. One thing is simpler than there: a
    window ends with the request of its missing page h, and the next one begins. Lazy policies
    first; Lazy.v carries the bound over to all. Main theorem: [deterministic_lower]. *)

From Coq Require Import List Arith Lia.
From LayeredPaging Require Import Model Sets Lazy LazyFacts LowerBound Turns.
Import ListNotations.

Section Adversary.

Variables l n k : nat.
Hypothesis l_pos : 1 <= l.
Hypothesis l_le_k : l <= k.

(** The pages of the adversary: k + 1, with the first page of every layer. *)
Variable W : list page.
Hypothesis W_NoDup : NoDup W.
Hypothesis W_length : length W = S k.
Hypothesis W_pages : forall p, In p W -> p < l * n.
Hypothesis W_layers : forall j, j < l -> In (j * n) W.
Hypothesis n_pos : 1 <= n.

Variable A : policy.
Hypothesis A_lazy : lazy l n k A.

(** [state σ Q P]: after the requests σ, Q are the pages requested in this phase, and P phases have
    begun after the first one. Offline, any page of W outside Q may be the one that is missing. *)
Definition state (σ Q : list page) (P : nat) : Prop :=
  layered l n σ /\ incl Q W /\ NoDup Q /\ length Q <= k /\
  forall y, In y W -> ~ In y Q -> exists c, schedule k σ (evict y W) c /\ c <= k + P.

Lemma others_fit y : In y W -> fits k (evict y W).
Proof.
  intros Hy. split; [now apply NoDup_evict|]. pose proof (length_evict y W W_NoDup Hy). lia.
Qed.

Lemma state_layered σ q : layered l n σ -> In q W -> layer n q = length σ mod l ->
  layered l n (σ ++ [q]).
Proof. intros. apply layered_snoc; auto. Qed.

Definition add (q : page) (Q : list page) : list page := if mem q Q then Q else q :: Q.

Lemma add_spec q Q x : In x (add q Q) <-> x = q \/ In x Q.
Proof.
  unfold add. destruct (mem q Q) eqn:M; simpl.
  - apply mem_In in M. split; [auto|]. intros [->|]; auto.
  - split; intros [H|H]; auto.
Qed.

Lemma add_length q Q : length (add q Q) <= S (length Q).
Proof. unfold add. destruct (mem q Q); simpl; lia. Qed.

Lemma add_NoDup q Q : NoDup Q -> NoDup (add q Q).
Proof.
  intros H. unfold add. destruct (mem q Q) eqn:M; [exact H|].
  apply mem_not_In in M. now constructor.
Qed.

(** A request inside the phase costs the offline side nothing. *)
Lemma state_step σ Q P q : state σ Q P -> In q W -> layer n q = length σ mod l ->
  length (add q Q) <= k -> state (σ ++ [q]) (add q Q) P.
Proof.
  intros (Hσ & HI & HN & HL & HO) Hq Hlay Hlen.
  split; [now apply state_layered|]. split; [|split; [now apply add_NoDup | split; [exact Hlen|]]].
  - intros x Hx. apply add_spec in Hx as [->|Hx]; auto.
  - intros y Hy Hn. rewrite add_spec in Hn. destruct (HO y Hy) as (c & HS & Hc); [tauto|].
    exists (c + loads (evict y W) (evict y W)). split.
    + constructor; [exact HS | now apply others_fit | apply In_evict; split; [exact Hq | intuition]].
    + rewrite loads_refl by apply incl_refl. lia.
Qed.

(** A request that begins a phase costs it one. *)
Lemma state_phase σ Q P q : state σ Q P -> In q W -> ~ In q Q -> layer n q = length σ mod l ->
  state (σ ++ [q]) [q] (S P).
Proof.
  intros (Hσ & HI & HN & HL & HO) Hq Hn Hlay.
  split; [now apply state_layered|]. split; [intros x [->|[]]; exact Hq|].
  split; [constructor; [tauto | constructor]|]. split; [simpl; lia|].
  intros y Hy Hne. destruct (HO q Hq Hn) as (c & HS & Hc).
  exists (c + loads (evict q W) (evict y W)). split.
  - constructor; [exact HS | now apply others_fit |].
    apply In_evict. split; [exact Hq|]. intros ->. apply Hne. now left.
  - assert (loads (evict q W) (evict y W) <= 1); [|lia].
    apply (loads_one _ _ q); [now apply NoDup_evict|]. intros x Hx. apply In_evict in Hx as [Hx _].
    destruct (Nat.eq_dec x q); [now left | right; now apply In_evict].
Qed.

Lemma state_first q : In q W -> layer n q = 0 -> state [q] [q] 0.
Proof.
  intros Hq Hlay. split; [|split; [intros x [->|[]]; exact Hq|]].
  - apply (state_layered [] q (layered_nil l n) Hq). now rewrite Nat.mod_0_l by lia.
  - split; [constructor; [tauto | constructor]|]. split; [simpl; lia|].
    intros y Hy Hne. exists (0 + loads [] (evict y W)). split.
    + apply (schedule_serve k [] [] 0 q); [constructor | now apply others_fit |].
      apply In_evict. split; [exact Hq|]. intros ->. apply Hne. now left.
    + destruct (others_fit y Hy) as [_ H]. rewrite loads_count.
      pose proof (count_le_length (fun p => negb (mem p [])) (evict y W)). lia.
Qed.

(** [m] requests, the page of each layer given by [f]. *)
Lemma walk f m : (forall j, j < l -> In (f j) W /\ layer n (f j) = j) ->
  forall σ Q P, state σ Q P -> length Q + m <= k ->
  exists τ Q', length τ = m /\ state (σ ++ τ) Q' P /\ length Q' <= length Q + m /\ incl Q Q' /\
    (forall i, i < m -> In (f ((length σ + i) mod l)) Q').
Proof.
  intros Hf. induction m as [|m IH]; intros σ Q P HS HL.
  - exists [], Q. rewrite app_nil_r. split; [reflexivity|]. split; [exact HS|]. split; [lia|].
    split; [apply incl_refl | lia].
  - pose proof (Nat.mod_upper_bound (length σ) l ltac:(lia)) as Hj.
    set (q := f (length σ mod l)). destruct (Hf _ Hj) as [HqW Hql]. fold q in HqW, Hql.
    pose proof (add_length q Q) as HA.
    destruct (IH (σ ++ [q]) (add q Q) P) as (τ & Q' & H1 & H2 & H3 & H4 & H5).
    + apply state_step; auto. lia.
    + lia.
    + exists (q :: τ), Q'. rewrite <- app_assoc in H2.
      split; [simpl; lia|]. split; [exact H2|]. split; [lia|]. split.
      * intros x Hx. apply H4, add_spec. now right.
      * intros [|i] Hi; [rewrite Nat.add_0_r; apply H4, add_spec; now left|].
        specialize (H5 i ltac:(lia)). rewrite app_length in H5. simpl in H5.
        now replace (length σ + S i) with (length σ + 1 + i) by lia.
Qed.

(** [d] requests of pages of the phase, before the turn of the layer of [h]: [h] stays missing. *)
Lemma wait h d : forall σ Q P, state σ Q P -> (forall j, j < l -> exists q, In q Q /\ layer n q = j) ->
  ~ In h (A σ) -> (forall i, i < d -> (length σ + i) mod l <> layer n h) ->
  exists τ, length τ = d /\ state (σ ++ τ) Q P /\ ~ In h (A (σ ++ τ)).
Proof.
  induction d as [|d IH]; intros σ Q P HS HC Hh Hd.
  - exists []. rewrite app_nil_r. auto.
  - pose proof (Nat.mod_upper_bound (length σ) l ltac:(lia)) as Hj.
    destruct (HC _ Hj) as (q & Hq & Hql).
    assert (HqW : In q W) by (now apply HS).
    assert (HA : add q Q = Q) by (unfold add; apply mem_In in Hq; now rewrite Hq).
    assert (HS' : state (σ ++ [q]) Q P).
    { rewrite <- HA. apply state_step; auto. rewrite HA. apply HS. }
    destruct (IH (σ ++ [q]) Q P HS' HC) as (τ & H1 & H2 & H3).
    + intros Hin. apply (lazy_enters l n k A A_lazy) in Hin as [->|Hin]; [|contradiction|apply HS'].
      apply (Hd 0); [lia|]. now rewrite Nat.add_0_r.
    + intros i Hi. rewrite app_length. simpl. specialize (Hd (S i) ltac:(lia)).
      now replace (length σ + 1 + i) with (length σ + S i) by lia.
    + exists (q :: τ). rewrite <- app_assoc in H2, H3. simpl. auto.
Qed.

(** At the beginning of a window. Each phase that has ended cost k-l+1 misses, and the present one
    one for each of its pages but l-1 of them. *)
Definition window_start (σ Q : list page) (P : nat) : Prop :=
  state σ Q P /\ (forall j, j < l -> exists q, In q Q /\ layer n q = j) /\
  (k - l + 1) * P + length Q + 1 <= cost A σ + l.

(** A new phase: the other layers are requested once. *)
Lemma fresh_phase σ q P : state (σ ++ [q]) [q] P ->
  (k - l + 1) * P + 1 <= cost A (σ ++ [q]) ->
  exists τ Q, window_start (σ ++ [q] ++ τ) Q P /\ cost A (σ ++ [q]) <= cost A (σ ++ [q] ++ τ).
Proof.
  intros HS HC.
  destruct (walk (fun j => j * n) (l - 1)) with (σ := σ ++ [q]) (Q := [q]) (P := P)
    as (τ & Q & H1 & H2 & H3 & H4 & H5); auto.
  { intros j Hj. split; [auto | now apply layer_first]. }
  { simpl. lia. }
  simpl in H3. exists τ, Q. rewrite app_assoc.
  pose proof (cost_mono A (σ ++ [q]) τ) as HM. split; [|exact HM].
  split; [exact H2|]. split; [|lia]. intros j Hj.
  destruct HS as (Hσ & _). pose proof (layered_last l n σ q Hσ) as [Hq1 Hq2].
  destruct (turn l (length σ) j Hj) as ([|d] & Hd & E).
  - exists q. split; [apply H4; now left|]. rewrite Hq2, <- E. now rewrite Nat.add_0_r.
  - specialize (H5 d ltac:(lia)). rewrite app_length in H5. simpl in H5.
    replace (length σ + 1 + d) with (length σ + S d) in H5 by lia. rewrite E in H5.
    exists (j * n). split; [exact H5 | now apply layer_first].
Qed.

(** A window: a missing page h is requested when its layer comes, and costs the policy one. *)
Lemma window σ Q P : window_start σ Q P ->
  exists τ Q' P', window_start (σ ++ τ) Q' P' /\ cost A σ + 1 <= cost A (σ ++ τ).
Proof.
  intros (HS & HC & HB). pose proof HS as (Hσ & HI & HN & HL & _).
  destruct (missing W (A σ) W_NoDup) as (h & HhW & Hh).
  { destruct (lazy_fits l n k A A_lazy σ Hσ). lia. }
  destruct (next_turn l (length σ) (layer n h)) as (d & _ & Hd & Hbefore).
  { apply layer_lt. auto. }
  destruct (wait h d σ Q P HS HC Hh Hbefore) as (τ & Hτ & HS' & Hh').
  assert (Hlay : layer n h = length (σ ++ τ) mod l) by (rewrite app_length, Hτ; auto).
  assert (Hmiss : cost A σ + 1 <= cost A ((σ ++ τ) ++ [h])).
  { rewrite (lazy_miss l n k A A_lazy); auto.
    - pose proof (cost_mono A σ τ). lia.
    - apply state_layered; auto. apply HS'. }
  destruct (Nat.le_gt_cases (length (add h Q)) k) as [Hlen|Hlen].
  - (* the phase goes on *)
    exists (τ ++ [h]), (add h Q), P. rewrite app_assoc. split; [|exact Hmiss].
    split; [now apply state_step|]. split.
    + intros j Hj. destruct (HC j Hj) as (q & Hq & E). exists q. split; [apply add_spec; auto | exact E].
    + pose proof (add_length h Q). lia.
  - (* h is the page number k + 1: the next phase begins *)
    assert (HhQ : ~ In h Q).
    { intros H. apply mem_In in H. unfold add in Hlen. rewrite H in Hlen. lia. }
    assert (HQ : length Q = k). { pose proof (add_length h Q). lia. }
    destruct (fresh_phase (σ ++ τ) h (S P)) as (τ' & Q' & HW & HM).
    + now apply (state_phase _ Q).
    + rewrite Nat.mul_succ_r. lia.
    + exists (τ ++ [h] ++ τ'), Q', (S P).
      assert (E : (σ ++ τ) ++ [h] ++ τ' = σ ++ τ ++ [h] ++ τ') by now rewrite <- app_assoc.
      rewrite E in HW, HM. split; [exact HW | lia].
Qed.

Lemma windows N : exists σ Q P, window_start σ Q P /\ N <= cost A σ.
Proof.
  induction N as [|N (σ & Q & P & HW & HN)].
  - assert (H0 : In 0 W) by (apply (W_layers 0); lia).
    assert (HS : state [0] [0] 0).
    { apply state_first; [exact H0 | unfold layer; apply Nat.div_0_l; lia]. }
    destruct (fresh_phase [] 0 0) as (τ & Q & HW & _); [exact HS| |].
    + rewrite Nat.mul_0_r. simpl. change [0] with ([] ++ [0]).
      rewrite (lazy_miss l n k A A_lazy [] 0); [lia | apply HS |].
      destruct A_lazy as [[E _] _]. rewrite E. auto.
    + exists ([] ++ [0] ++ τ), Q, 0. split; [exact HW | lia].
  - destruct (window σ Q P HW) as (τ & Q' & P' & HW' & HC). exists (σ ++ τ), Q', P'.
    split; [exact HW' | lia].
Qed.

Lemma adversary_wins : ratio_at_least l n k A (k - l + 1) 1.
Proof.
  apply (lower_bound l n k A ltac:(lia) _ _ (l + (k - l + 1) * k)). intros N.
  destruct (windows N) as (σ & Q & P & ((Hσ & HI & HN & HL & HO) & _ & HB) & HC).
  destruct (missing W Q W_NoDup) as (y & Hy & Hn); [lia|].
  destruct (HO y Hy Hn) as (c & HS & Hc).
  exists σ, (evict y W), c. split; [exact Hσ|]. split; [exact HS|]. split; [|exact HC].
  assert ((k - l + 1) * c <= (k - l + 1) * (k + P)) by now apply Nat.mul_le_mono_l.
  rewrite Nat.mul_add_distr_l in H. lia.
Qed.

End Adversary.

(** For 1 <= l <= k < l n no deterministic policy, lazy or not, has a ratio below k-l+1. *)
Theorem deterministic_lower l n k A :
  1 <= l -> l <= k -> k < l * n -> legal l n k A -> ratio_at_least l n k A (k - l + 1) 1.
Proof.
  intros Hl Hk Hn HA.
  assert (n_pos : 1 <= n) by (destruct n; [rewrite Nat.mul_0_r in Hn|]; lia).
  destruct (pages_exist l n (S k)) as (W & W1 & W2 & W3 & W4); try lia.
  destruct (lazify_costs_no_more k l n A HA) as [HL _].
  pose proof (adversary_wins l n k Hl Hk W W1 W2 W3 W4 n_pos (lazify k A) HL) as H.
  intros p' q' Hq Hlt HC. apply (H p' q' Hq Hlt). now apply competitive_lazify.
Qed.
