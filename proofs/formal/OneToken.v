(** * OneToken: at k = l LRU has ratio at most 2 - 1/l

    Note: proofs/notes/one-token-upper.md. In any 2l-1 consecutive requests every schedule loads at
    least as many pages as LRU misses in the last l of them ([window]). All these windows are added up
    ([windows_add]): each request is in 2l-1 of them, and among the last l in l of them. Main theorem:
    [one_token_upper]. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Turns LRU.
Import ListNotations.

(** ** Sums over windows *)

Fixpoint sum (m : nat) (f : nat -> nat) : nat :=
  match m with 0 => 0 | S m => sum m f + f m end.

Lemma sum_le m f g : (forall i, i < m -> f i <= g i) -> sum m f <= sum m g.
Proof.
  induction m as [|m IH]; intros H; simpl; [lia|]. pose proof (H m ltac:(lia)).
  assert (sum m f <= sum m g) by (apply IH; intros; apply H; lia). lia.
Qed.

Lemma sum_plus m f g : sum m (fun i => f i + g i) = sum m f + sum m g.
Proof. induction m; simpl; lia. Qed.

Lemma sum_shift P E w : P 0 = 0 ->
  sum E (fun e => P (e + 1 - w)) = sum E (fun e => P (e + 1 - S w)) + P (E - w).
Proof.
  intros H0. induction E as [|E IH]; simpl; [now rewrite H0|]. rewrite IH.
  replace (E + 1 - S w) with (E - w) by lia. replace (E + 1 - w) with (S E - w) by lia.
  destruct w; simpl; lia.
Qed.

(** The last w values, counted from E. *)
Lemma sum_windows P E w : P 0 = 0 ->
  sum E (fun e => P (e + 1)) = sum E (fun e => P (e + 1 - w)) + sum w (fun i => P (E - i)).
Proof.
  intros H0. induction w as [|w IH].
  - simpl. rewrite Nat.add_0_r. induction E; simpl; [reflexivity|]. rewrite IHE.
    now rewrite Nat.sub_0_r.
  - rewrite IH, (sum_shift P E w H0). simpl. lia.
Qed.

Lemma sum_const m f c : (forall i, i < m -> f i = c) -> sum m f = m * c.
Proof.
  induction m as [|m IH]; intros H; simpl; [reflexivity|]. rewrite IH by (intros; apply H; lia).
  rewrite (H m) by lia. lia.
Qed.

(** If every window of w values costs at least what the last v of them gain, then all together do. *)
Lemma windows_add P M T v w : P 0 = 0 -> M 0 = 0 ->
  (forall t, T <= t -> M t = M T) -> (forall t, P t <= P T) ->
  (forall e, M (e + 1) + P (e + 1 - w) <= M (e + 1 - v) + P (e + 1)) ->
  v * M T <= w * P T.
Proof.
  intros P0 M0 MT PT H. set (E := T + v).
  pose proof (sum_windows P E w P0) as SP. pose proof (sum_windows M E v M0) as SM.
  assert (HS : sum E (fun e => M (e + 1) + P (e + 1 - w)) <= sum E (fun e => M (e + 1 - v) + P (e + 1)))
    by (apply sum_le; intros; apply H).
  rewrite !sum_plus in HS.
  rewrite (sum_const v (fun i => M (E - i)) (M T)) in SM.
  2: { intros i Hi. apply MT. unfold E. lia. }
  assert (sum w (fun i => P (E - i)) <= sum w (fun _ => P T)) by (apply sum_le; intros; apply PT).
  rewrite (sum_const w (fun _ => P T) (P T)) in H0 by reflexivity. lia.
Qed.

Section OneToken.

Variables l n : nat.
Hypothesis l_pos : 1 <= l.

Notation lru := (LRU l).

Variable σ : list page.
Hypothesis σ_layered : layered l n σ.

Definition at_time (t : nat) : page := nth t σ 0.

Lemma at_layer t : t < length σ -> layer n (at_time t) = t mod l.
Proof.
  intros Ht. apply (σ_layered t). unfold at_time. now apply nth_error_nth'.
Qed.

Lemma at_next t : t < length σ -> firstn (S t) σ = firstn t σ ++ [at_time t].
Proof.
  intros Ht. unfold at_time. clear σ_layered. revert t Ht.
  induction σ as [|p τ IH]; intros [|t] Ht; simpl in *; try lia; [reflexivity|].
  now rewrite (IH t) by lia.
Qed.

(** ** Misses of LRU *)

Definition misses (a b : nat) : list nat :=
  filter (fun t => negb (mem (at_time t) (lru (firstn t σ)))) (seq a (b - a)).

Lemma misses_cost a b : a <= b -> b <= length σ ->
  cost lru (firstn b σ) <= cost lru (firstn a σ) + length (misses a b).
Proof.
  intros Hab Hb. unfold misses. replace b with (a + (b - a)) in Hb |- * at 1 by lia. clear Hab.
  revert Hb. generalize (b - a). intros d. induction d as [|d IH]; intros Hb.
  - rewrite Nat.add_0_r. simpl. lia.
  - specialize (IH ltac:(lia)). rewrite seq_S, filter_app, app_length. simpl filter.
    rewrite Nat.add_succ_r, at_next, cost_snoc, LRU_snoc by lia. set (t := a + d) in *.
    assert (HN : NoDup (lru_step l (lru (firstn t σ)) (at_time t))).
    { rewrite <- LRU_snoc. now apply LRU_fits. }
    assert (HI : forall q, In q (lru_step l (lru (firstn t σ)) (at_time t)) ->
                 q = at_time t \/ In q (lru (firstn t σ))).
    { intros q Hq. apply In_firstn_k in Hq as [<-|Hq]; [now left|]. right. now apply In_evict in Hq. }
    destruct (mem (at_time t) (lru (firstn t σ))) eqn:M; simpl.
    + apply mem_In in M. rewrite loads_refl; [lia|]. intros q Hq. destruct (HI q Hq) as [->|]; auto.
    + pose proof (loads_one _ _ (at_time t) HN HI). lia.
Qed.

(** The page of the round before is a hit. *)
Lemma round_hit t : l <= t -> t < length σ -> at_time t = at_time (t - l) ->
  In (at_time t) (lru (firstn t σ)).
Proof.
  intros Hl Ht E. set (τ := firstn l (skipn (t - l) σ)).
  assert (Ef : firstn t σ = firstn (t - l) σ ++ τ).
  { rewrite <- (firstn_skipn (t - l) (firstn t σ)), firstn_firstn, Nat.min_l by lia. f_equal.
    unfold τ. rewrite skipn_firstn_comm. f_equal. lia. }
  assert (Hd : distinct τ <= l).
  { apply Nat.le_trans with (length τ); [apply distinct_le, incl_refl|]. unfold τ.
    rewrite firstn_length. lia. }
  destruct (LRU_run l l_pos (firstn (t - l) σ) τ Hd) as [[rest Er] _].
  rewrite Ef, Er, E. apply in_or_app. left. apply (proj2 (recent_spec τ)).
  assert (Hs : skipn (t - l) σ <> []).
  { intros H. apply (f_equal (@length nat)) in H. rewrite skipn_length in H. simpl in H. lia. }
  assert (En : nth (t - l) σ 0 = nth 0 (skipn (t - l) σ) 0).
  { rewrite <- (firstn_skipn (t - l) σ) at 1. rewrite app_nth2; rewrite firstn_length, Nat.min_l by lia;
      [|lia]. now rewrite Nat.sub_diag. }
  unfold at_time, τ. rewrite En. destruct (skipn (t - l) σ) as [|y r]; [easy|].
  destruct l as [|l']; [lia|]. now left.
Qed.

(** ** What a schedule pays *)

Variable f : nat -> cache.
Hypothesis f_start : f 0 = [].
Hypothesis f_serves : forall t, t < length σ -> length (f (S t)) <= l /\ In (at_time t) (f (S t)).

Definition step (t : nat) : nat := if t <? length σ then loads (f t) (f (S t)) else 0.

(** What the schedule has paid before request [t]. *)
Definition paid (t : nat) : nat := sum t step.

Lemma paid_mono t d : paid t <= paid (t + d).
Proof.
  induction d as [|d IH]; [now rewrite Nat.add_0_r|]. rewrite Nat.add_succ_r. unfold paid in *. simpl.
  lia.
Qed.

(** Pages that were cached at [u], or have been requested since, are at most those cached at [u] and
    those loaded since. *)
Lemma distinct_paid u b X : u <= b -> b <= length σ -> NoDup X ->
  (forall x, In x X -> In x (f u) \/ exists t, u <= t /\ t < b /\ x = at_time t) ->
  length X + paid u <= length (f u) + paid b.
Proof.
  intros Hub Hb HN HX.
  assert (HY : exists Y, length Y + paid u <= length (f u) + paid b /\ incl (f u) Y /\ incl (f b) Y /\
    forall t, u <= t -> t < b -> In (at_time t) Y).
  { clear X HN HX. replace b with (u + (b - u)) in Hb |- * by lia. clear Hub. revert Hb.
    generalize (b - u). intros d. induction d as [|d IH]; intros Hb.
    - exists (f u). rewrite Nat.add_0_r. split; [lia|]. split; [apply incl_refl|].
      split; [apply incl_refl | intros; lia].
    - destruct (IH ltac:(lia)) as (Y & H1 & H2 & H3 & H4).
      exists (Y ++ filter (fun q => negb (mem q (f (u + d)))) (f (S (u + d)))).
      assert (Hin : incl (f (S (u + d))) (Y ++ filter (fun q => negb (mem q (f (u + d)))) (f (S (u + d))))).
      { intros q Hq. apply in_or_app. destruct (mem q (f (u + d))) eqn:M.
        - left. apply H3. now apply mem_In.
        - right. apply filter_In. split; [exact Hq | now rewrite M]. }
      rewrite Nat.add_succ_r. split; [|split; [|split; [exact Hin|]]].
      + rewrite app_length. assert (Es : step (u + d) = loads (f (u + d)) (f (S (u + d)))).
        { unfold step. destruct (u + d <? length σ) eqn:E; [reflexivity | apply Nat.ltb_ge in E; lia]. }
        unfold paid in *. cbn [sum]. rewrite Es. unfold loads. lia.
      + intros q Hq. apply in_or_app. left. now apply H2.
      + intros t Ht1 Ht2. destruct (Nat.eq_dec t (u + d)) as [->|Hne].
        * apply Hin. apply f_serves. lia.
        * apply in_or_app. left. apply H4; lia. }
  destruct HY as (Y & H1 & H2 & _ & H4).
  assert (length X <= length Y); [|lia]. apply NoDup_incl_length; [exact HN|].
  intros x Hx. destruct (HX x Hx) as [H|(t & Ht1 & Ht2 & ->)]; auto.
Qed.

Lemma different s t : s < t -> t < s + l -> t < length σ -> at_time s <> at_time t.
Proof.
  intros H1 H2 H3 E. assert (El : (s + 0) mod l = (s + (t - s)) mod l).
  { rewrite Nat.add_0_r. replace (s + (t - s)) with t by lia. rewrite <- !at_layer by lia. now rewrite E. }
  apply mod_unique in El; lia.
Qed.

(** In a window the schedule pays at least what LRU pays in the last l requests of it. *)
Lemma window a b : a <= b -> b <= a + l -> b <= length σ ->
  length (misses a b) + paid (a - (l - 1)) <= paid b.
Proof.
  intros Hab Hbl Hb.
  assert (HM : forall t, In t (misses a b) -> a <= t /\ t < b /\ ~ In (at_time t) (lru (firstn t σ))).
  { intros t Ht. apply filter_In in Ht as [Ht Hm]. apply in_seq in Ht. split; [lia|]. split; [lia|].
    apply mem_not_In. now destruct (mem (at_time t) (lru (firstn t σ))). }
  assert (HN : NoDup (misses a b)) by apply NoDup_filter, seq_NoDup.
  destruct (Nat.le_gt_cases l a) as [Hla|Hla].
  - pose proof (distinct_paid (a - (l - 1)) b (map at_time (seq (a - l) l ++ misses a b))) as HD.
    rewrite map_length, app_length, seq_length in HD.
    assert (Hf : length (f (a - (l - 1))) <= l /\ In (at_time (a - l)) (f (a - (l - 1)))).
    { replace (a - (l - 1)) with (S (a - l)) by lia. apply f_serves. lia. }
    enough (l + length (misses a b) + paid (a - (l - 1)) <= length (f (a - (l - 1))) + paid b) by lia.
    apply HD; [lia | exact Hb | |].
    + apply (NoDup_map_times at_time).
      * apply NoDup_app; [apply seq_NoDup | exact HN |]. intros t Ht Hm. apply in_seq in Ht.
        apply HM in Hm. lia.
      * intros s t Hs Ht Hst. apply in_app_or in Hs as [Hs|Hs]; apply in_app_or in Ht as [Ht|Ht].
        -- apply in_seq in Hs, Ht. apply different; lia.
        -- apply in_seq in Hs. apply HM in Ht as (Ht1 & Ht2 & Ht3). intros E.
           destruct (Nat.lt_trichotomy t (s + l)) as [H|[H|H]].
           ++ apply (different s t); auto; lia.
           ++ apply Ht3, round_hit; [lia | lia |]. rewrite <- E. f_equal. lia.
           ++ apply (different (s + l) t); [exact H | lia | lia |].
              assert (El : at_time s = at_time (s + l) \/ at_time s <> at_time (s + l))
                by (destruct (Nat.eq_dec (at_time s) (at_time (s + l))); auto).
              exfalso. assert (Hm : (s + l + 0) mod l = (s + l + (t - (s + l))) mod l).
              { rewrite Nat.add_0_r. replace (s + l + (t - (s + l))) with t by lia.
                rewrite <- (at_layer t) by lia. rewrite <- E, at_layer by lia.
                replace (s + l) with (s + 1 * l) by lia. now rewrite Nat.mod_add by lia. }
              apply mod_unique in Hm; lia.
        -- apply HM in Hs. apply in_seq in Ht. lia.
        -- apply HM in Hs, Ht. apply different; lia.
    + intros x Hx. apply in_map_iff in Hx as (t & <- & Ht). apply in_app_or in Ht as [Ht|Ht].
      * apply in_seq in Ht. destruct (Nat.eq_dec t (a - l)) as [->|Hne]; [now left|]. right.
        exists t. split; [lia|]. split; [lia | reflexivity].
      * apply HM in Ht. right. exists t. split; [lia|]. split; [lia | reflexivity].
  - replace (a - (l - 1)) with 0 by lia.
    pose proof (distinct_paid 0 b (map at_time (misses a b))) as HD.
    rewrite map_length, f_start in HD. simpl length in HD at 2.
    enough (length (misses a b) + paid 0 <= 0 + paid b) by lia. apply HD; [lia | exact Hb | |].
    + apply (NoDup_map_times at_time); [exact HN|]. intros s t Hs Ht Hst. apply HM in Hs, Ht. apply different; lia.
    + intros x Hx. apply in_map_iff in Hx as (t & <- & Ht). apply HM in Ht. right.
      exists t. split; [lia|]. split; [lia | reflexivity].
Qed.

Lemma paid_end t : length σ <= t -> paid t = paid (length σ).
Proof.
  intros Ht. replace t with (length σ + (t - length σ)) by lia. generalize (t - length σ). intros d.
  induction d as [|d IH]; [now rewrite Nat.add_0_r|]. rewrite Nat.add_succ_r. unfold paid in *. simpl.
  rewrite IH. unfold step. destruct (_ <? length σ) eqn:E; [apply Nat.ltb_lt in E; lia | lia].
Qed.

Lemma all_windows : l * cost lru σ <= (2 * l - 1) * paid (length σ).
Proof.
  pose proof (windows_add paid (fun t => cost lru (firstn t σ)) (length σ) l (2 * l - 1)) as H.
  cbv beta in H. rewrite firstn_all in H. apply H; clear H.
  - reflexivity.
  - reflexivity.
  - intros t Ht. now rewrite firstn_all2.
  - intros t. destruct (Nat.le_gt_cases t (length σ)) as [Ht|Ht].
    + pose proof (paid_mono t (length σ - t)) as H. now replace (t + (length σ - t)) with (length σ) in H by lia.
    + rewrite paid_end; lia.
  - intros e. set (b := Nat.min (e + 1) (length σ)). set (a := Nat.min (e + 1 - l) (length σ)).
    assert (Eb : cost lru (firstn (e + 1) σ) = cost lru (firstn b σ) /\ paid (e + 1) = paid b).
    { unfold b. destruct (Nat.le_gt_cases (e + 1) (length σ)) as [H|H].
      - now rewrite Nat.min_l by lia.
      - rewrite Nat.min_r by lia. rewrite paid_end by lia. now rewrite firstn_all2, firstn_all by lia. }
    assert (Ea : cost lru (firstn (e + 1 - l) σ) = cost lru (firstn a σ)).
    { unfold a. destruct (Nat.le_gt_cases (e + 1 - l) (length σ)) as [H|H].
      - now rewrite Nat.min_l by lia.
      - rewrite Nat.min_r by lia. now rewrite firstn_all2, firstn_all by lia. }
    destruct Eb as [Eb1 Eb2]. rewrite Eb1, Eb2, Ea.
    destruct (Nat.le_gt_cases (e + 1 - l) (length σ)) as [H|H].
    + pose proof (misses_cost a b ltac:(lia) ltac:(lia)). pose proof (window a b ltac:(lia) ltac:(lia) ltac:(lia)).
      replace (e + 1 - (2 * l - 1)) with (a - (l - 1)) by lia. lia.
    + replace a with b by lia. set (u := e + 1 - (2 * l - 1)).
      pose proof (paid_mono u (e + 1 - u)) as Hm.
      replace (u + (e + 1 - u)) with (e + 1) in Hm by lia. rewrite Eb2 in Hm. lia.
Qed.

End OneToken.

(** The caches of a schedule, one after another. *)
Lemma unroll k σ C c : schedule k σ C c ->
  exists f, f 0 = [] /\ f (length σ) = C /\
    (forall t, t < length σ -> length (f (S t)) <= k /\ In (at_time σ t) (f (S t))) /\
    paid σ f (length σ) = c.
Proof.
  induction 1 as [|σ C c p C' HS (f & F0 & F1 & F2 & F3) [HN HL] Hp].
  { exists (fun _ => []). split; [reflexivity|]. split; [reflexivity|]. split; [|reflexivity].
    intros t Ht. simpl in Ht. lia. }
  exists (fun t => if t <=? length σ then f t else C').
  assert (Hlen : length (σ ++ [p]) = S (length σ)) by (rewrite app_length; simpl; lia).
  rewrite Hlen. split; [exact F0|]. split; [|split].
  - destruct (S (length σ) <=? length σ) eqn:E; [apply Nat.leb_le in E; lia | reflexivity].
  - intros t Ht. unfold at_time. destruct (Nat.eq_dec t (length σ)) as [->|Hne].
    + destruct (S (length σ) <=? length σ) eqn:E; [apply Nat.leb_le in E; lia|].
      split; [exact HL|]. rewrite app_nth2, Nat.sub_diag by lia. exact Hp.
    + destruct (S t <=? length σ) eqn:E; [|apply Nat.leb_gt in E; lia].
      rewrite app_nth1 by lia. apply F2. lia.
  - unfold paid in *. cbn [sum]. f_equal.
    + rewrite <- F3. assert (HE : forall m, m <= length σ ->
        sum m (step (σ ++ [p]) (fun t => if t <=? length σ then f t else C')) = sum m (step σ f)).
      { induction m as [|m IH]; intros Hm; [reflexivity|]. cbn [sum]. rewrite IH by lia. f_equal.
        unfold step. rewrite Hlen.
        destruct (m <? S (length σ)) eqn:E1; [|apply Nat.ltb_ge in E1; lia].
        destruct (m <? length σ) eqn:E2; [|apply Nat.ltb_ge in E2; lia].
        destruct (m <=? length σ) eqn:E3; [|apply Nat.leb_gt in E3; lia].
        destruct (S m <=? length σ) eqn:E4; [reflexivity | apply Nat.leb_gt in E4; lia]. }
      now apply HE.
    + unfold step. rewrite Hlen. destruct (length σ <? S (length σ)) eqn:E1; [|apply Nat.ltb_ge in E1; lia].
      rewrite Nat.leb_refl, F1.
      destruct (S (length σ) <=? length σ) eqn:E4; [apply Nat.leb_le in E4; lia | reflexivity].
Qed.

(** At k = l: l LRU <= (2l-1) OPT at every prefix. *)
Theorem one_token_upper l n σ m : 1 <= l -> layered l n σ -> is_opt l σ m ->
  l * cost (LRU l) σ <= (2 * l - 1) * m.
Proof.
  intros Hl Hσ [[C HC] _]. destruct (unroll l σ C m HC) as (f & F0 & _ & F2 & <-).
  now apply (all_windows l n Hl σ Hσ f F0 F2).
Qed.

(** The ratio of LRU is at most (2l-1)/l there. *)
Corollary one_token_competitive l n : 1 <= l -> competitive l n l (LRU l) (2 * l - 1) l.
Proof.
  intros Hl. exists 0. intros σ m Hσ Hm. pose proof (one_token_upper l n σ m Hl Hσ Hm). lia.
Qed.
