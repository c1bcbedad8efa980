(** * OneTokenLower: at k = l no deterministic policy has a ratio below 2 - 1/l

    Note: proofs/notes/one-token-lower.md. Two pages of each layer are used, and [e] says which was requested last. A
    block begins with a request of the other page of some layer, the pivot: growth 0. Growth i comes i(l-1) requests
    later, if the policy then has the last pages in its cache; if not, the block ends with the request of one that it
    lacks. The pivot changes i requests after growth i. All else repeats. Offline a growth costs one, and nothing
    else: between growths there are two schedules, [ahead] for the next growth and [row] for the end of the block; the
    adversary need not know which one will be wanted. The policy misses at growths and when the pivot changes.
    Main theorems: [one_token_lower]; [one_token_value], with [one_token_upper]. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Lazy LazyFacts LowerBound Turns LRU DeterministicLower OneToken TwoPages.
Import ListNotations.

Section Adversary.

Variables l n : nat.
Hypothesis l_two : 2 <= l.
Hypothesis n_two : 2 <= n.

Variable A : policy.
Hypothesis A_lazy : lazy l n l A.

Notation pg := (pg n).
Notation row := (row l n).
Notation ahead := (ahead l n).
Notation reach := (reach l).

Let pg_layer := pg_layer l n l_two n_two.
Let pg_same := pg_same l n l_two n_two.
Let row_In := row_In l n l_two n_two.
Let ahead_In := ahead_In l n l_two n_two.
Let row_fits := row_fits l n l_two n_two.
Let ahead_fits := ahead_fits l n l_two n_two.
Let reach_hit := reach_hit l n l_two n_two.
Let reach_load := reach_load l n l_two n_two.
Let request_layered := request_layered l n l_two n_two.

(** ** Between blocks *)

Definition home (σ : list page) (e : nat -> bool) (c : nat) : Prop :=
  layered l n σ /\ length (A σ) = l /\ reach σ (row e) c.

(** A repetition. *)
Lemma home_repeat σ e c j : home σ e c -> j = length σ mod l -> home (σ ++ [pg j (e j)]) e c.
Proof.
  intros (Hσ & HA & HR) Hj. pose proof (request_layered σ j (e j) Hσ Hj) as Hσ'.
  split; [exact Hσ'|]. split; [now apply (lazy_full l n l A A_lazy)|].
  apply (reach_hit σ (row e)); [exact HR | apply row_fits | | apply incl_refl].
  apply row_In. exists j. split; [subst j; apply Nat.mod_upper_bound; lia | reflexivity].
Qed.

(** A last page that the policy lacks costs it a miss: wait for its turn. *)
Lemma home_wait d : forall σ e c j, home σ e c -> ~ In (pg j (e j)) (A σ) -> (length σ + d) mod l = j ->
  (forall i, i < d -> (length σ + i) mod l <> j) ->
  exists τ, home (σ ++ τ) e c /\ cost A σ + 1 <= cost A (σ ++ τ).
Proof.
  induction d as [|d IH]; intros σ e c j HH Hn Hd Hb; rewrite ?Nat.add_0_r in *.
  - exists [pg j (e j)]. split; [now apply home_repeat|].
    rewrite (lazy_miss l n l A A_lazy σ); [lia | apply request_layered; [apply HH | now symmetry] | exact Hn].
  - set (i := length σ mod l). pose proof (home_repeat σ e c i HH eq_refl) as HH'.
    assert (Hi : i <> j) by (intros E; apply (Hb 0); [lia | now rewrite Nat.add_0_r]).
    destruct (IH (σ ++ [pg i (e i)]) e c j HH') as (τ & H1 & H2).
    + intros H. apply (lazy_enters l n l A A_lazy) in H as [H|H]; [|contradiction | apply HH'].
      apply pg_same in H. now apply Hi.
    + rewrite app_length. simpl. replace (length σ + 1 + d) with (length σ + S d) by lia. exact Hd.
    + intros x Hx. rewrite app_length. simpl. specialize (Hb (S x) ltac:(lia)).
      now replace (length σ + 1 + x) with (length σ + S x) by lia.
    + exists ([pg i (e i)] ++ τ). rewrite app_assoc. split; [exact H1|].
      pose proof (cost_mono A σ [pg i (e i)]). lia.
Qed.

(** The policy lacks a last page, or has the last pages and no others. *)
Lemma home_or_missing σ e c : home σ e c -> same (A σ) (row e) \/
  exists τ, home (σ ++ τ) e c /\ cost A σ + 1 <= cost A (σ ++ τ).
Proof.
  intros HH. destruct (existsb (fun q => negb (mem q (A σ))) (row e)) eqn:E.
  - right. apply existsb_exists in E as (q & Hq & E). apply row_In in Hq as (j & Hj & ->).
    destruct (next_turn l (length σ) j Hj) as (d & _ & Hd & Hb). apply (home_wait d σ e c j); auto.
    apply mem_not_In. now destruct (mem _ (A σ)).
  - left. assert (HI : incl (row e) (A σ)).
    { intros q Hq. apply mem_In. destruct (mem q (A σ)) eqn:M; [reflexivity|].
      assert (existsb (fun q => negb (mem q (A σ))) (row e) = true); [|congruence].
      apply existsb_exists. exists q. now rewrite M. }
    intros q. split; [|apply HI]. apply NoDup_incl_full; [apply row_fits | exact HI |].
    destruct HH as (_ & HA & _). rewrite HA. unfold row. rewrite map_length, seq_length. lia.
Qed.

(** ** A block *)

Section Block.

(** It begins at time [t0]; [a] and [c] are what policy and schedule had paid before. *)
Variables t0 a c : nat.

Definition growth_time (i : nat) : nat := t0 + i * (l - 1).
Definition pivot : nat := t0 mod l.
Definition next_layer (i : nat) : nat := growth_time (S i) mod l.

(** After growth [i] and [d] requests more. The pivot still has to change if d < i. *)
Definition running (i d : nat) (σ : list page) (e : nat -> bool) : Prop :=
  layered l n σ /\ length (A σ) = l /\ length σ = growth_time i + 1 + d /\
  (S i < l -> reach σ (ahead (next_layer i) pivot e) (c + i + 1)) /\
  reach σ (row (if d <? i then flip pivot e else e)) (c + i + 1) /\
  (d < i -> ~ In (pg pivot (negb (e pivot))) (A σ)) /\
  a + i + 1 + (if d <? i then i - 1 else i) <= cost A σ.

Lemma pivot_turn i : pivot = (growth_time i + i) mod l.
Proof.
  unfold pivot, growth_time. replace (t0 + i * (l - 1) + i) with (t0 + i * l) by nia.
  now rewrite Nat.mod_add by lia.
Qed.

Lemma next_turn_at i : next_layer i = (growth_time i + (l - 1)) mod l.
Proof. unfold next_layer, growth_time. f_equal. nia. Qed.

Lemma next_not_pivot i : S i < l -> next_layer i <> pivot.
Proof.
  intros Hi. rewrite next_turn_at, (pivot_turn i). intros E. apply mod_unique in E; lia.
Qed.

(** Within the segment: the pivot changes at its turn, all else repeats. *)
Lemma running_step i d σ e : running i d σ e -> i < l -> d + 1 < l -> (S i < l -> d + 2 < l) ->
  exists p e', running i (S d) (σ ++ [p]) e'.
Proof.
  intros (Hσ & HA & HL & HR1 & HR2 & HP & HC) Hi Hd Hd'.
  set (j := length σ mod l). assert (Hj : j < l) by (apply Nat.mod_upper_bound; lia).
  assert (Ej : j = (growth_time i + (1 + d)) mod l) by (unfold j; f_equal; lia).
  pose proof (pivot_turn i) as Ev. assert (Hv : pivot < l) by (apply Nat.mod_upper_bound; lia).
  assert (Hs : next_layer i < l) by (apply Nat.mod_upper_bound; lia).
  destruct (Nat.eq_dec (S d) i) as [E|E].
  - (* the pivot changes *)
    assert (Hjv : j = pivot) by (rewrite Ej, Ev; f_equal; lia).
    replace (d <? i) with true in HR2, HC by (symmetry; apply Nat.ltb_lt; lia).
    pose proof (request_layered σ pivot (negb (e pivot)) Hσ ltac:(now rewrite <- Hjv)) as Hσ'.
    exists (pg pivot (negb (e pivot))), (flip pivot e). unfold running.
    replace (S d <? i) with false by (symmetry; apply Nat.ltb_ge; lia).
    split; [exact Hσ'|]. split; [now apply (lazy_full l n l A A_lazy)|].
    split; [rewrite app_length; simpl; lia|]. split; [|split; [|split; [lia|]]].
    + intros Hi'. apply (reach_hit σ (ahead (next_layer i) pivot e)); [auto | apply ahead_fits, next_not_pivot, Hi' | |].
      * apply ahead_In; [exact Hs|]. right. exists pivot. split; [exact Hv|].
        split; [now apply not_eq_sym, next_not_pivot | now rewrite flip_same].
      * intros q Hq. apply ahead_In in Hq; [|exact Hs]. apply ahead_In; [exact Hs|].
        rewrite flip_same, negb_involutive in Hq. destruct Hq as [->|(x & X1 & X2 & ->)].
        -- right. exists pivot. split; [exact Hv|]. split; [now apply not_eq_sym, next_not_pivot | reflexivity].
        -- destruct (Nat.eq_dec x pivot) as [->|Hx]; [left; now rewrite flip_same|].
           right. exists x. rewrite flip_other by exact Hx. auto.
    + apply (reach_hit σ (row (flip pivot e))); [exact HR2 | apply row_fits | | apply incl_refl].
      apply row_In. exists pivot. rewrite flip_same. auto.
    + rewrite (lazy_miss l n l A A_lazy σ _ Hσ'); [lia | apply HP; lia].
  - assert (Hjv : j <> pivot) by (rewrite Ej, Ev; intros E'; apply mod_unique in E'; lia).
    pose proof (request_layered σ j (e j) Hσ eq_refl) as Hσ'.
    assert (Hb : (S d <? i) = (d <? i)).
    { destruct (d <? i) eqn:F; [apply Nat.ltb_lt in F; apply Nat.ltb_lt | apply Nat.ltb_ge in F; apply Nat.ltb_ge]; lia. }
    exists (pg j (e j)), e. unfold running. rewrite Hb.
    split; [exact Hσ'|]. split; [now apply (lazy_full l n l A A_lazy)|].
    split; [rewrite app_length; simpl; lia|]. split; [|split; [|split]].
    + intros Hi'. apply (reach_hit σ (ahead (next_layer i) pivot e));
        [auto | apply ahead_fits, next_not_pivot, Hi' | | apply incl_refl].
      apply ahead_In; [exact Hs|]. right. exists j. split; [exact Hj|]. split; [|reflexivity].
      rewrite Ej, next_turn_at. intros E'. apply mod_unique in E'; lia.
    + apply (reach_hit σ (row (if d <? i then flip pivot e else e))); [exact HR2 | apply row_fits | | apply incl_refl].
      apply row_In. exists j. split; [exact Hj|]. destruct (d <? i); [now rewrite flip_other | reflexivity].
    + intros H1 H2. apply (lazy_enters l n l A A_lazy _ _ _ Hσ') in H2 as [H2|H2]; [|revert H2; apply HP; lia].
      apply pg_same in H2 as [H2 _]. now apply Hjv.
    + pose proof (cost_mono A σ [pg j (e j)]). lia.
Qed.

Lemma running_steps i d m : forall σ e, running i d σ e -> i < l -> d + m < l -> (S i < l -> d + m + 1 < l) ->
  exists τ e', running i (d + m) (σ ++ τ) e'.
Proof.
  revert d. induction m as [|m IH]; intros d σ e HR Hi Hm Hm'.
  - exists [], e. now rewrite app_nil_r, Nat.add_0_r.
  - destruct (running_step i d σ e HR Hi ltac:(lia) ltac:(lia)) as (p & e1 & H1).
    destruct (IH (S d) _ e1 H1 Hi ltac:(lia) ltac:(lia)) as (τ & e2 & H2).
    exists ([p] ++ τ), e2. rewrite app_assoc. now replace (d + S m) with (S d + m) by lia.
Qed.

(** Growth i + 1, where the policy has the last pages and no others. *)
Lemma running_growth i σ e : running i (l - 2) σ e -> S i < l -> same (A σ) (row e) ->
  exists p e', running (S i) 0 (σ ++ [p]) e'.
Proof.
  intros (Hσ & HA & HL & HR1 & _ & _ & HC) Hi HS.
  set (s := next_layer i) in *. pose proof (next_not_pivot i Hi) as Hsv. fold s in Hsv.
  assert (Hs : s < l) by (apply Nat.mod_upper_bound; lia).
  assert (Hv : pivot < l) by (apply Nat.mod_upper_bound; lia).
  assert (Es : s = length σ mod l) by (unfold s; rewrite next_turn_at; f_equal; lia).
  pose proof (request_layered σ s (negb (e s)) Hσ Es) as Hσ'.
  assert (Hout : forall j, ~ In (pg j (negb (e j))) (A σ)).
  { intros j H. apply HS, row_In in H as (x & _ & E). apply pg_same in E as [<- E]. now destruct (e j). }
  assert (Hnew : forall q, (exists j, j < l /\ j <> pivot /\ q = pg j (flip s e j)) \/ q = pg pivot (negb (e pivot)) \/
    q = pg pivot (e pivot) -> q = pg s (negb (e s)) \/ In q (ahead s pivot e)).
  { intros q [(x & X1 & X2 & ->)|[->| ->]].
    - destruct (Nat.eq_dec x s) as [->|Hx]; [left; now rewrite flip_same | right].
      rewrite flip_other by exact Hx. apply ahead_In; [exact Hs|]. right. exists x. auto.
    - right. apply ahead_In; [exact Hs | now left].
    - right. apply ahead_In; [exact Hs|]. right. exists pivot. auto. }
  exists (pg s (negb (e s))), (flip s e). unfold running. change (0 <? S i) with true.
  split; [exact Hσ'|]. split; [now apply (lazy_full l n l A A_lazy)|].
  split; [rewrite app_length; unfold growth_time in *; simpl; nia|]. split; [|split; [|split]].
  - intros Hi'. replace (c + S i + 1) with (c + i + 1 + 1) by lia.
    assert (Hs' : next_layer (S i) < l) by (apply Nat.mod_upper_bound; lia).
    assert (Hss : s <> next_layer (S i)).
    { unfold s, next_layer. intros E. unfold growth_time in E.
      replace (t0 + S (S i) * (l - 1)) with (t0 + S i * (l - 1) + (l - 1)) in E by nia.
      rewrite <- (Nat.add_0_r (t0 + S i * (l - 1))) in E at 1. apply mod_unique in E; lia. }
    apply (reach_load σ (ahead s pivot e)); [auto | now apply ahead_fits, next_not_pivot | |].
    + apply ahead_In; [exact Hs'|]. right. exists s. split; [exact Hs|]. split; [exact Hss | now rewrite flip_same].
    + intros q Hq. apply ahead_In in Hq; [|exact Hs']. apply Hnew.
      rewrite (flip_other s e pivot) in Hq by auto. destruct Hq as [->|(x & X1 & X2 & ->)]; [auto|].
      destruct (Nat.eq_dec x pivot) as [->|Hx]; [right; right; now rewrite flip_other by auto | left; eauto].
  - replace (c + S i + 1) with (c + i + 1 + 1) by lia.
    apply (reach_load σ (ahead s pivot e)); [auto | apply row_fits | |].
    + apply row_In. exists s. split; [exact Hs|]. rewrite flip_other by exact Hsv. now rewrite flip_same.
    + intros q Hq. apply row_In in Hq as (x & X1 & ->). apply Hnew.
      destruct (Nat.eq_dec x pivot) as [->|Hx].
      * right. left. rewrite flip_same. now rewrite flip_other by auto.
      * left. exists x. rewrite flip_other by exact Hx. auto.
  - intros _ H. rewrite flip_other in H by auto. apply (lazy_enters l n l A A_lazy _ _ _ Hσ') in H as [H|H].
    + apply pg_same in H as [H _]. now apply Hsv.
    + now apply Hout in H.
  - replace (l - 2 <? i) with false in HC by (symmetry; apply Nat.ltb_ge; lia).
    rewrite (lazy_miss l n l A A_lazy σ _ Hσ' (Hout s)). lia.
Qed.

(** What a block brings: at least 2 - 1/l misses for each growth. *)
Definition block_done (σ : list page) : Prop := exists τ e g, home (σ ++ τ) e (c + g) /\
  a + 1 <= cost A (σ ++ τ) /\ l * a + (2 * l - 1) * g <= l * cost A (σ ++ τ).

Lemma block_done_app σ τ : block_done (σ ++ τ) -> block_done σ.
Proof. intros (τ' & e & g & H). rewrite <- app_assoc in H. now exists (τ ++ τ'), e, g. Qed.

Lemma running_end m : forall i σ e, i + m = l - 1 -> running i 0 σ e -> block_done σ.
Proof.
  induction m as [|m IH]; intros i σ e Hi HR.
  - (* the last growth *)
    destruct (running_steps i 0 (l - 1) σ e HR) as (τ & e' & HR'); try lia.
    rewrite Nat.add_0_l in HR'. destruct HR' as (Hσ & HA & _ & _ & HR2 & _ & HC). replace (l - 1 <? i) with false in HR2, HC by (symmetry; apply Nat.ltb_ge; lia).
    exists τ, e', l. replace (c + i + 1) with (c + l) in HR2 by lia.
    split; [split; [exact Hσ | split; [exact HA | exact HR2]]|]. split; [lia|]. nia.
  - destruct (running_steps i 0 (l - 2) σ e HR) as (τ & e' & HR'); try lia.
    rewrite Nat.add_0_l in HR'. apply (block_done_app σ τ).
    pose proof HR' as (Hσ & HA & _ & _ & HR2 & _ & HC).
    replace (l - 2 <? i) with false in HR2, HC by (symmetry; apply Nat.ltb_ge; lia).
    assert (HH : home (σ ++ τ) e' (c + (i + 1))).
    { split; [exact Hσ|]. split; [exact HA|]. now rewrite Nat.add_assoc. }
    destruct (home_or_missing _ _ _ HH) as [HS|(τ' & H1 & H2)].
    + destruct (running_growth i _ e' HR' ltac:(lia) HS) as (p & e2 & H). apply (block_done_app _ [p]).
      apply (IH (S i) _ e2); [lia | exact H].
    + (* stopped *)
      exists τ', e', (i + 1). split; [exact H1|]. split; [lia|]. nia.
Qed.

End Block.

Lemma block σ e c : home σ e c -> same (A σ) (row e) -> block_done (cost A σ) c σ.
Proof.
  intros (Hσ & HA & HR) HS. set (v := length σ mod l).
  assert (Hv : v < l) by (apply Nat.mod_upper_bound; lia).
  pose proof (request_layered σ v (negb (e v)) Hσ eq_refl) as Hσ'.
  assert (Hsv : next_layer (length σ) 0 <> v) by (apply (next_not_pivot (length σ) 0); lia).
  assert (Hs : next_layer (length σ) 0 < l) by (apply Nat.mod_upper_bound; lia).
  assert (Hnew : forall j, j < l -> pg j (flip v e j) = pg v (negb (e v)) \/ In (pg j (flip v e j)) (row e)).
  { intros j Hj. destruct (Nat.eq_dec j v) as [->|Hx]; [left; now rewrite flip_same | right].
    rewrite flip_other by exact Hx. apply row_In. eauto. }
  apply (block_done_app _ _ σ [pg v (negb (e v))]).
  apply (running_end (length σ) (cost A σ) c (l - 1) 0 _ (flip v e)); [lia|]. unfold running. change (0 <? 0) with false.
  split; [exact Hσ'|]. split; [now apply (lazy_full l n l A A_lazy)|].
  split; [rewrite app_length; unfold growth_time; simpl; lia|]. split; [|split; [|split; [lia|]]]; rewrite ?Nat.add_0_r.
  - intros _. change (pivot (length σ)) with v.
    apply (reach_load σ (row e)); [exact HR | now apply ahead_fits | |].
    + apply ahead_In; [exact Hs|]. right. exists v. rewrite flip_same. auto.
    + intros q Hq. apply ahead_In in Hq; [|exact Hs]. rewrite flip_same, negb_involutive in Hq.
      destruct Hq as [->|(x & X1 & X2 & ->)]; [right; apply row_In; eauto | auto].
  - apply (reach_load σ (row e)); [exact HR | apply row_fits | |].
    + apply row_In. exists v. rewrite flip_same. auto.
    + intros q Hq. apply row_In in Hq as (x & X1 & ->). auto.
  - rewrite (lazy_miss l n l A A_lazy σ _ Hσ'); [lia|].
    intros H. apply HS, row_In in H as (x & _ & E). apply pg_same in E as [<- E]. now destruct (e v).
Qed.

(** ** All blocks *)

(** Round 0. *)
Lemma start m : m < l -> exists σ, layered l n σ /\ length σ = S m /\ NoDup σ /\
  (forall q, In q σ -> layer n q <= m) /\ reach σ (row (fun _ => false)) l.
Proof.
  assert (HI : forall j, j < l -> In (pg j false) (row (fun _ => false))) by (intros j Hj; apply row_In; eauto).
  induction m as [|m IH]; intros Hm.
  - exists [pg 0 false]. split; [|split; [reflexivity|split; [|split]]].
    + apply (request_layered [] 0 false); [apply layered_nil | simpl; now rewrite Nat.mod_0_l by lia].
    + constructor; [easy | constructor].
    + intros q [<-|[]]. now rewrite pg_layer.
    + exists (0 + loads [] (row (fun _ => false))). split.
      * apply (schedule_serve l [] [] 0 (pg 0 false)); [constructor | apply row_fits | apply HI; lia].
      * rewrite loads_count. pose proof (count_le_length (fun p => negb (mem p [])) (row (fun _ => false))).
        pose proof (row_fits (fun _ => false)) as [_ HL]. lia.
  - destruct (IH ltac:(lia)) as (σ & H1 & H2 & H3 & H4 & H5). exists (σ ++ [pg (S m) false]).
    split; [|split; [|split; [|split]]].
    + apply request_layered; [exact H1|]. rewrite H2. now rewrite Nat.mod_small by lia.
    + rewrite app_length. simpl. lia.
    + apply NoDup_app; [exact H3 | constructor; [easy | constructor] |].
      intros q Hq [<-|[]]. apply H4 in Hq. rewrite pg_layer in Hq. lia.
    + intros q Hq. apply in_app_or in Hq as [Hq|[<-|[]]]; [apply H4 in Hq; lia | now rewrite pg_layer].
    + apply (reach_hit σ (row (fun _ => false))); [exact H5 | apply row_fits | now apply HI | apply incl_refl].
Qed.

Lemma blocks N : exists σ e c, home σ e c /\ (2 * l - 1) * c <= l * cost A σ + (2 * l - 1) * l /\ N <= cost A σ.
Proof.
  induction N as [|N (σ & e & c & HH & HC & HN)].
  - destruct (start (l - 1) ltac:(lia)) as (σ & H1 & H2 & H3 & _ & H5). exists σ, (fun _ => false), l.
    split; [|lia]. split; [exact H1|]. split; [|exact H5].
    destruct (lazy_fits l n l A A_lazy σ H1) as [_ HL].
    destruct (Nat.eq_dec (length (A σ)) l) as [|Hne]; [assumption|].
    pose proof (lazy_not_full l n l A A_lazy σ H1 ltac:(lia)) as HI.
    pose proof (NoDup_incl_length H3 HI). lia.
  - destruct (home_or_missing σ e c HH) as [HS|(τ & H1 & H2)].
    + destruct (block σ e c HH HS) as (τ & e' & g & H1 & H2 & H3). exists (σ ++ τ), e', (c + g).
      split; [exact H1|]. split; [|lia]. rewrite Nat.mul_add_distr_l. lia.
    + exists (σ ++ τ), e, c. split; [exact H1|]. split; [|lia].
      assert (l * cost A σ <= l * cost A (σ ++ τ)) by (apply Nat.mul_le_mono_l; lia). lia.
Qed.

Lemma adversary_wins : ratio_at_least l n l A (2 * l - 1) l.
Proof.
  apply (lower_bound l n l A ltac:(lia) _ _ ((2 * l - 1) * l)). intros N.
  destruct (blocks N) as (σ & e & c & (Hσ & _ & c' & HS & Hc) & HC & HN).
  exists σ, (row e), c'. split; [exact Hσ|]. split; [exact HS|]. split; [|exact HN].
  assert ((2 * l - 1) * c' <= (2 * l - 1) * c) by now apply Nat.mul_le_mono_l. lia.
Qed.

End Adversary.

(** At k = l, with two pages or more in each layer, no deterministic policy, lazy or not, has a ratio below (2l-1)/l. *)
Theorem one_token_lower l n A : 1 <= l -> 2 <= n -> legal l n l A -> ratio_at_least l n l A (2 * l - 1) l.
Proof.
  intros Hl Hn HA. destruct (Nat.eq_dec l 1) as [->|Hne].
  - apply (deterministic_lower 1 n 1 A); [lia | lia | lia | exact HA].
  - destruct (lazify_costs_no_more l l n A HA) as [HL _].
    pose proof (adversary_wins l n ltac:(lia) Hn (lazify l A) HL) as H.
    intros p' q' Hq Hlt HC. apply (H p' q' Hq Hlt). now apply competitive_lazify.
Qed.

(** At k = l the best deterministic ratio is exactly 2 - 1/l: LRU has it, and no policy a smaller one. *)
Theorem one_token_value l n : 1 <= l -> 2 <= n ->
  (legal l n l (LRU l) /\ ratio_is l n l (LRU l) (2 * l - 1) l) /\
  (forall A, legal l n l A -> ratio_at_least l n l A (2 * l - 1) l).
Proof.
  intros Hl Hn. assert (LB : forall A, legal l n l A -> ratio_at_least l n l A (2 * l - 1) l).
  { intros A HA. now apply one_token_lower. }
  pose proof (LRU_legal l n l Hl) as HL. split; [|exact LB]. split; [exact HL|].
  split; [now apply one_token_competitive | now apply LB].
Qed.
