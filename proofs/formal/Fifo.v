(** * Fifo: the ratio of FIFO is exactly k

    Note: proofs/notes/fifo-lower.md, for l <= k < n l; the upper bound is [fifo_upper] (LRU.v).
    Phase by phase FIFO's cache is W, of k pages with some in every layer. A new page x is requested,
    then the pages of W in the order in which FIFO loaded them, all but the last: each has just been
    evicted. Offline only x is loaded, for the last one. While a layer is awaited, cached pages of
    the other layers are requested ([wait]). Main theorem: [fifo_value]. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets LowerBound Turns LRU.
Import ListNotations.

Section Fifo.

Variables l n k : nat.
Hypothesis l_pos : 1 <= l.
Hypothesis l_le_k : l <= k.
Hypothesis k_lt : k < l * n.

Let slots : 1 <= k.
Proof. lia. Qed.

Let experts : 2 <= n.
Proof. destruct n as [|[|m]]; lia. Qed.

Notation fifo := (FIFO k).

Lemma fifo_hit σ p : In p (fifo σ) -> fifo (σ ++ [p]) = fifo σ.
Proof. intros H. rewrite FIFO_snoc. unfold fifo_step. apply mem_In in H. now rewrite H. Qed.

Lemma fifo_miss σ p : ~ In p (fifo σ) -> fifo (σ ++ [p]) = firstn k (p :: fifo σ).
Proof. intros H. rewrite FIFO_snoc. unfold fifo_step. apply mem_not_In in H. now rewrite H. Qed.

Lemma miss_cost σ p : ~ In p (fifo σ) -> cost fifo σ + 1 <= cost fifo (σ ++ [p]).
Proof.
  intros H. rewrite cost_snoc. pose proof (loads_miss (fifo σ) _ p (FIFO_In k slots σ p) H). lia.
Qed.

(** Every layer has a page in [Q]. *)
Definition meets (Q : list page) : Prop := forall j, j < l -> exists q, In q Q /\ layer n q = j.

(** Waiting for the layer of [h]: pages of [D], other than h, that FIFO has; nothing changes. *)
Lemma wait h D c d : meets D -> (forall q, In q D -> q < l * n) ->
  forall σ, layered l n σ -> schedule k σ D c ->
  (forall q, In q D -> q <> h -> In q (fifo σ)) ->
  (forall i, i < d -> (length σ + i) mod l <> layer n h) ->
  exists τ, length τ = d /\ layered l n (σ ++ τ) /\ schedule k (σ ++ τ) D c /\
    fifo (σ ++ τ) = fifo σ.
Proof.
  intros HM HD. induction d as [|d IH]; intros σ Hσ HS HF Hd.
  - exists []. rewrite app_nil_r. auto.
  - pose proof (Nat.mod_upper_bound (length σ) l ltac:(lia)) as Hj.
    destruct (HM _ Hj) as (q & Hq & Hql).
    assert (Hqh : q <> h).
    { intros ->. apply (Hd 0); [lia|]. now rewrite Nat.add_0_r. }
    pose proof (fifo_hit σ q (HF q Hq Hqh)) as E.
    destruct (IH (σ ++ [q])) as (τ & H1 & H2 & H3 & H4).
    + apply layered_snoc; auto.
    + replace c with (c + loads D D) by (rewrite loads_refl; [lia | apply incl_refl]).
      constructor; [exact HS | now apply schedule_fits in HS | exact Hq].
    + intros r Hr Hrh. rewrite E. auto.
    + intros i Hi. rewrite app_length. simpl. specialize (Hd (S i) ltac:(lia)).
      now replace (length σ + 1 + i) with (length σ + S i) by lia.
    + exists (q :: τ). rewrite <- app_assoc in H2, H3, H4. simpl in *. rewrite E in H4. auto.
Qed.

(** As [wait], and then h itself has its turn. *)
Lemma wait_for h D c σ : h < l * n -> meets D -> (forall q, In q D -> q < l * n) ->
  layered l n σ -> schedule k σ D c -> (forall q, In q D -> q <> h -> In q (fifo σ)) ->
  exists τ, layered l n ((σ ++ τ) ++ [h]) /\ schedule k (σ ++ τ) D c /\ fifo (σ ++ τ) = fifo σ.
Proof.
  intros Hh HM HD Hσ HS HF.
  destruct (next_turn l (length σ) (layer n h) (layer_lt l n h Hh)) as (d & _ & Hd & Hb).
  destruct (wait h D c d HM HD σ Hσ HS HF Hb) as (τ & H1 & H2 & H3 & H4).
  exists τ. split; [|split; [exact H3 | exact H4]]. apply layered_snoc; auto.
  now rewrite app_length, H1.
Qed.

(** A missing page of the offline cache is requested as soon as its layer comes. *)
Lemma await q D c σ : layered l n σ -> schedule k σ D c -> meets D ->
  (forall p, In p D -> p < l * n) -> In q D -> ~ In q (fifo σ) ->
  (forall p, In p D -> p <> q -> In p (fifo σ)) ->
  exists τ, layered l n ((σ ++ τ) ++ [q]) /\ schedule k ((σ ++ τ) ++ [q]) D c /\
    fifo ((σ ++ τ) ++ [q]) = firstn k (q :: fifo σ) /\
    cost fifo σ + 1 <= cost fifo ((σ ++ τ) ++ [q]).
Proof.
  intros Hσ HS HM HD HqD HqF HI.
  destruct (wait_for q D c σ (HD q HqD) HM HD Hσ HS HI) as (τ & T1 & T2 & T3).
  assert (Hm : ~ In q (fifo (σ ++ τ))) by now rewrite T3.
  exists τ. split; [exact T1|]. split; [|split].
  - replace c with (c + loads D D) by (rewrite loads_refl; [lia | apply incl_refl]).
    constructor; [exact T2 | now apply schedule_fits in HS | exact HqD].
  - rewrite fifo_miss by exact Hm. now rewrite T3.
  - pose proof (cost_mono fifo σ τ). pose proof (miss_cost (σ ++ τ) q Hm). lia.
Qed.

(** The rest of a phase, after x: [q] has been evicted, [U] holds those to be evicted next (from its
    right end), [V] those requested before [q] in this phase. All are misses. *)
Lemma rest x top D c U : forall V q σ,
  layered l n σ -> schedule k σ D c -> meets D -> (forall p, In p D -> p < l * n) ->
  (forall p, In p D <-> In p (x :: U ++ q :: V)) ->
  NoDup (x :: top :: U ++ q :: V) -> fifo σ = V ++ x :: top :: U -> length (fifo σ) = k ->
  exists τ, layered l n (σ ++ τ) /\ schedule k (σ ++ τ) D c /\
    fifo (σ ++ τ) = U ++ q :: V ++ [x] /\ cost fifo σ + S (length U) <= cost fifo (σ ++ τ).
Proof.
  induction U as [|u U IH] using rev_ind; intros V q σ Hσ HS HM HD HDs HN HF HL.
  all: assert (HqD : In q D) by (apply HDs; right; apply in_or_app; right; now left).
  all: destruct (await q D c σ Hσ HS HM HD HqD) as (τ & T1 & HS' & HF' & HC);
    [ rewrite HF; rewrite !NoDup_cons_iff in HN; destruct HN as (N1 & N2 & N3);
      apply NoDup_remove_2 in N3; simpl in N1, N2; rewrite ?in_app_iff in *; simpl in *;
      rewrite ?in_app_iff in *; simpl in *; intuition
    | intros p Hp Hne; rewrite HF; apply HDs in Hp; simpl in Hp; rewrite ?in_app_iff in *; simpl in *;
      rewrite ?in_app_iff in *; simpl in *; intuition congruence
    | ].
  all: rewrite HF in HF', HL; rewrite app_length in HL; simpl in HL.
  - exists (τ ++ [q]). rewrite !app_assoc. split; [exact T1|]. split; [exact HS'|].
    split; [|simpl; lia]. rewrite HF'. simpl.
    replace (q :: V ++ [x; top]) with ((q :: V ++ [x]) ++ [top]) by (simpl; now rewrite <- app_assoc).
    rewrite firstn_app. replace (k - length (q :: V ++ [x])) with 0
      by (simpl; rewrite app_length; simpl; lia).
    simpl firstn at 2. rewrite app_nil_r, firstn_all2; [reflexivity|].
    simpl. rewrite app_length. simpl. lia.
  - rewrite app_length in HL. simpl in HL.
    assert (HF'' : fifo ((σ ++ τ) ++ [q]) = (q :: V) ++ x :: top :: U).
    { rewrite HF'. replace (q :: V ++ x :: top :: U ++ [u]) with (((q :: V) ++ x :: top :: U) ++ [u])
        by (simpl; now rewrite <- app_assoc).
      rewrite firstn_app. replace (k - length ((q :: V) ++ x :: top :: U)) with 0
        by (simpl; rewrite app_length; simpl; lia).
      simpl firstn at 2. rewrite app_nil_r, firstn_all2; [reflexivity|].
      simpl. rewrite app_length. simpl. lia. }
    rewrite <- app_assoc in HDs, HN. simpl in HDs, HN.
    destruct (IH (q :: V) u ((σ ++ τ) ++ [q]) T1 HS' HM HD HDs HN HF'') as (τ' & R1 & R2 & R3 & R4).
    { rewrite HF''. simpl. rewrite app_length. simpl. lia. }
    exists (τ ++ [q] ++ τ').
    assert (E : σ ++ τ ++ [q] ++ τ' = ((σ ++ τ) ++ [q]) ++ τ') by now rewrite !app_assoc.
    rewrite E. split; [exact R1|]. split; [exact R2|]. split.
    + rewrite R3, <- app_assoc. reflexivity.
    + rewrite app_length. simpl. lia.
Qed.

(** The new page of a phase: if need be in the layer of the page that leaves the offline cache. *)
Lemma choose top R : NoDup (top :: R) -> length (top :: R) = k ->
  (forall q, In q (top :: R) -> q < l * n) -> meets (top :: R) ->
  exists x, x < l * n /\ ~ In x (top :: R) /\ meets (x :: R).
Proof.
  intros HN HL HP HM.
  destruct (find (fun y => negb (mem y (top :: R)) && (layer n y =? layer n top)) (seq 0 (l * n)))
    as [y|] eqn:F.
  - apply find_some in F as [Hy F]. apply in_seq in Hy. apply andb_prop in F as [F1 F2].
    apply Nat.eqb_eq in F2. exists y. split; [lia|]. split.
    + apply mem_not_In. now destruct (mem y (top :: R)).
    + intros j Hj. destruct (HM j Hj) as (q & [<-|Hq] & E).
      * exists y. split; [now left | congruence].
      * exists q. split; [now right | exact E].
  - destruct (missing (seq 0 (l * n)) (top :: R) (seq_NoDup _ _)) as (x & Hx & Hn).
    { rewrite seq_length. lia. }
    apply in_seq in Hx. exists x. split; [lia|]. split; [exact Hn|].
    intros j Hj. destruct (HM j Hj) as (q & [<-|Hq] & E).
    2: { exists q. split; [now right | exact E]. }
    (* all pages of the layer of top are cached, and there are two *)
    assert (HA : forall e, e < n -> In (j * n + e) (top :: R)).
    { intros e He. assert (Hlt : j * n + e < l * n).
      { assert ((j + 1) * n <= l * n) by (apply Nat.mul_le_mono_r; lia). lia. }
      pose proof (find_none _ _ F (j * n + e)) as HF. cbv beta in HF.
      apply mem_In. destruct (mem (j * n + e) (top :: R)); [reflexivity|].
      assert (El : layer n (j * n + e) = j).
      { unfold layer. rewrite Nat.add_comm, Nat.div_add, Nat.div_small; lia. }
      rewrite El, E, Nat.eqb_refl in HF. discriminate HF. apply in_seq. lia. }
    assert (Hlay : forall e, e < n -> layer n (j * n + e) = j).
    { intros e He. unfold layer. rewrite Nat.add_comm, Nat.div_add, Nat.div_small; lia. }
    destruct (Nat.eq_dec top (j * n + 0)) as [E0|E0].
    + exists (j * n + 1). split; [|apply Hlay; lia]. right.
      destruct (HA 1 ltac:(lia)) as [H|H]; [lia | exact H].
    + exists (j * n + 0). split; [|apply Hlay; lia]. right.
      destruct (HA 0 ltac:(lia)) as [H|H]; [congruence | exact H].
Qed.

(** Between phases: FIFO and the offline side have the same k pages, some in every layer. *)
Definition even (σ : list page) (c : nat) : Prop :=
  layered l n σ /\ length (fifo σ) = k /\ meets (fifo σ) /\ (forall q, In q (fifo σ) -> q < l * n) /\
  exists D, schedule k σ D c /\ same D (fifo σ).

(** A phase costs FIFO k and the offline side one. *)
Lemma phase σ c : even σ c ->
  exists τ c', even (σ ++ τ) c' /\ c' <= c + 1 /\ cost fifo σ + k <= cost fifo (σ ++ τ).
Proof.
  intros (Hσ & HL & HM & HP & D & HS & HD). destruct (FIFO_fits k slots σ) as [HN _].
  destruct (fifo σ) as [|top R] eqn:HF; [simpl in HL; lia|].
  destruct (choose top R HN HL HP HM) as (x & Hx & HxQ & HMx).
  destruct (wait_for x D c σ Hx) as (τ & T1 & T2 & T3); auto.
  { intros j Hj. destruct (HM j Hj) as (q & Hq & E). exists q. split; [now apply HD | exact E]. }
  { intros q Hq. apply HP. now apply HD. }
  { intros q Hq _. rewrite HF. now apply HD. }
  inversion_clear HN as [|? ? HtR HNR].
  set (D' := x :: R). assert (HN' : NoDup D').
  { constructor; [|exact HNR]. intros H. apply HxQ. now right. }
  assert (HS' : schedule k ((σ ++ τ) ++ [x]) D' (c + loads D D')).
  { constructor; [exact T2 | split; [exact HN' | simpl in *; lia] | now left]. }
  assert (HC' : loads D D' <= 1).
  { apply (loads_one _ _ x HN'). intros q [<-|Hq]; [now left|]. right. apply HD. now right. }
  assert (HPx : forall p, In p D' -> p < l * n).
  { intros p [<-|Hp]; [exact Hx|]. apply HP. now right. }
  assert (HF' : fifo ((σ ++ τ) ++ [x]) = firstn k (x :: top :: R)).
  { rewrite fifo_miss; rewrite T3, HF; [reflexivity | exact HxQ]. }
  assert (HC : cost fifo σ + 1 <= cost fifo ((σ ++ τ) ++ [x])).
  { pose proof (cost_mono fifo σ τ). assert (Hm : ~ In x (fifo (σ ++ τ))) by now rewrite T3, HF.
    pose proof (miss_cost (σ ++ τ) x Hm). lia. }
  destruct R as [|q U] using rev_ind.
  - (* k = 1 *)
    simpl in HL. exists (τ ++ [x]), (c + loads D D'). rewrite app_assoc.
    assert (E : fifo ((σ ++ τ) ++ [x]) = D').
    { rewrite HF'. replace k with 1 by lia. reflexivity. }
    split; [|lia]. split; [exact T1|]. rewrite E. split; [simpl; lia|]. split; [exact HMx|].
    split; [exact HPx|]. exists D'. split; [exact HS' | red; tauto].
  - clear IHU. simpl in HL. rewrite app_length in HL. simpl in HL.
    assert (E : fifo ((σ ++ τ) ++ [x]) = [] ++ x :: top :: U).
    { rewrite HF'. replace (x :: top :: U ++ [q]) with ((x :: top :: U) ++ [q]) by reflexivity.
      rewrite firstn_app. replace (k - length (x :: top :: U)) with 0 by (simpl; lia).
      simpl firstn at 2. rewrite app_nil_r, firstn_all2; [reflexivity|]. simpl. lia. }
    destruct (rest x top D' (c + loads D D') U [] q ((σ ++ τ) ++ [x]) T1 HS' HMx HPx)
      as (τ' & R1 & R2 & R3 & R4).
    + intros p. unfold D'. reflexivity.
    + constructor; [|now constructor]. exact HxQ.
    + exact E.
    + rewrite E. simpl. lia.
    + exists (τ ++ [x] ++ τ'), (c + loads D D').
      assert (Ea : σ ++ τ ++ [x] ++ τ' = ((σ ++ τ) ++ [x]) ++ τ') by now rewrite !app_assoc.
      rewrite Ea. simpl in R3.
      assert (Hsame : same D' (fifo (((σ ++ τ) ++ [x]) ++ τ'))).
      { intros p. rewrite R3. unfold D'. simpl. rewrite !in_app_iff. simpl. tauto. }
      split; [|lia]. split; [exact R1|]. split; [|split; [|split]].
      * rewrite R3, app_length. simpl. lia.
      * intros j Hj. destruct (HMx j Hj) as (p & Hp & El). exists p. split; [|exact El].
        now apply Hsame.
      * intros p Hp. apply HPx. now apply Hsame.
      * exists D'. split; [exact R2 | exact Hsame].
Qed.

(** The start: the first pages of the layers, then any others, until the cache is full. *)
Lemma start_layers m : m <= l -> exists σ, layered l n σ /\ length σ = m /\
  length (fifo σ) = m /\ (forall q, In q (fifo σ) <-> exists j, j < m /\ q = j * n).
Proof.
  induction m as [|m IH]; intros Hm.
  - exists []. split; [apply layered_nil|]. split; [reflexivity|]. split; [reflexivity|].
    intros q. split; [intros [] | intros (j & Hj & _); lia].
  - destruct IH as (σ & H1 & H2 & H3 & H4); [lia|].
    assert (Hn : ~ In (m * n) (fifo σ)).
    { intros H. apply H4 in H as (j & Hj & E). apply Nat.mul_cancel_r in E; lia. }
    assert (E : fifo (σ ++ [m * n]) = m * n :: fifo σ).
    { rewrite fifo_miss by exact Hn. apply firstn_all2. simpl. lia. }
    exists (σ ++ [m * n]). rewrite app_length, E. split; [|split; [simpl; lia | split; [simpl; lia|]]].
    + apply layered_snoc; [exact H1 | apply Nat.mul_lt_mono_pos_r; lia |].
      rewrite layer_first by lia. rewrite H2. now rewrite Nat.mod_small by lia.
    + intros q. simpl. rewrite H4. split.
      * intros [<-|(j & Hj & Ej)]; [exists m; split; [lia | reflexivity] | exists j; split; [lia | exact Ej]].
      * intros (j & Hj & ->). destruct (Nat.eq_dec j m) as [->|Hne]; [now left|]. right.
        exists j. split; [lia | reflexivity].
Qed.

Lemma start_fill m : l + m <= k -> exists σ, layered l n σ /\ length (fifo σ) = l + m /\
  meets (fifo σ) /\ (forall q, In q (fifo σ) -> q < l * n).
Proof.
  induction m as [|m IH]; intros Hm.
  - destruct (start_layers l (le_n l)) as (σ & H1 & _ & H3 & H4). exists σ. split; [exact H1|].
    split; [lia|]. split.
    + intros j Hj. exists (j * n). split; [apply H4; eauto | apply layer_first; lia].
    + intros q Hq. apply H4 in Hq as (j & Hj & ->). apply Nat.mul_lt_mono_pos_r; lia.
  - destruct IH as (σ & H1 & H2 & H3 & H4); [lia|].
    destruct (missing (seq 0 (l * n)) (fifo σ) (seq_NoDup _ _)) as (h & Hh & Hn).
    { rewrite seq_length. lia. }
    apply in_seq in Hh.
    pose proof (policy_schedule l n k fifo σ (FIFO_legal l n k slots) H1) as HS.
    destruct (wait_for h (fifo σ) (cost fifo σ) σ) as (τ & T1 & _ & T3); auto; [lia|].
    exists ((σ ++ τ) ++ [h]).
    assert (E : fifo ((σ ++ τ) ++ [h]) = h :: fifo σ).
    { rewrite fifo_miss; rewrite T3; [|exact Hn]. apply firstn_all2. simpl. lia. }
    rewrite E. split; [exact T1|]. split; [simpl; lia|]. split.
    + intros j Hj. destruct (H3 j Hj) as (q & Hq & El). exists q. split; [now right | exact El].
    + intros q [<-|Hq]; [lia | now apply H4].
Qed.

Theorem fifo_lower : ratio_at_least l n k fifo k 1.
Proof.
  destruct (start_fill (k - l)) as (σ0 & H1 & H2 & H3 & H4); [lia|].
  pose proof (policy_schedule l n k fifo σ0 (FIFO_legal l n k slots) H1) as HS.
  assert (Hphases : forall N, exists σ c, even σ c /\ c <= cost fifo σ0 + N /\ N * k <= cost fifo σ).
  { induction N as [|N (σ & c & HE & Hc & HN)].
    - exists σ0, (cost fifo σ0). split; [|lia]. split; [exact H1|]. split; [lia|].
      split; [exact H3|]. split; [exact H4|]. exists (fifo σ0). split; [exact HS | red; tauto].
    - destruct (phase σ c HE) as (τ & c' & HE' & Hc' & HN'). exists (σ ++ τ), c'.
      split; [exact HE'|]. simpl. lia. }
  apply (lower_bound l n k fifo slots k 1 (k * cost fifo σ0)). intros N.
  destruct (Hphases N) as (σ & c & (Hσ & _ & _ & _ & D & HD & _) & Hc & HN).
  exists σ, D, c. split; [exact Hσ|]. split; [exact HD|]. split.
  - assert (k * c <= k * (cost fifo σ0 + N)) by now apply Nat.mul_le_mono_l.
    rewrite Nat.mul_add_distr_l in H. lia.
  - assert (N * 1 <= N * k) by now apply Nat.mul_le_mono_l. lia.
Qed.

End Fifo.

(** For l <= k < l n the ratio of FIFO is exactly k. *)
Theorem fifo_value l n k : 1 <= l -> l <= k -> k < l * n -> ratio_is l n k (FIFO k) k 1.
Proof.
  intros Hl Hk Hn. split; [|now apply fifo_lower]. exists 0. intros σ m Hσ Hm.
  assert (slots : 1 <= k) by lia.
  pose proof (fifo_upper l n k slots σ m Hσ Hm). lia.
Qed.
