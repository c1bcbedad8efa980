(** * Keep: KEEP policies, and guided-keep, one of them

    Notes: proofs/notes/keep-upper.md, proofs/notes/guided-keep-upper.md. The last page of the layer whose turn
    it is was requested l requests ago. On a miss with a full cache guided-keep evicts it if that is safe, and
    otherwise any safe page that was not requested in the last l requests; a KEEP policy must evict it only when
    OPT grows. Main theorem: [keep_exists]. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Turns Offset Tokens Timeline Rule LazyFacts Guided Far.
Import ListNotations.

Section Keep.

Variables l n k : nat.
Hypothesis l_pos : 1 <= l.
Hypothesis k_enough : l <= k.

Let slots : 1 <= k.
Proof. lia. Qed.

Notation level := (levels_of k).
Notation safe := (safe k).

(** The page requested l requests before the next one, and the pages requested since. *)
Definition last_page (σ : list page) : page := nth (length σ - l) σ 0.
Definition recent (σ : list page) : list page := skipn (length σ + 1 - l) σ.

Definition keep (A : policy) : Prop :=
  forall σ p v, layered l n (σ ++ [p]) -> ~ In p (A σ) -> length (A σ) = k ->
    In v (A σ) -> ~ In v (A (σ ++ [p])) ->
    (safe σ (A σ) p (last_page σ) -> v = last_page σ) /\
    (~ safe σ (A σ) p (last_page σ) -> ~ In v (recent σ)).

Definition guided_keep (A : policy) : Prop := guided l n k A /\ keep A.

(** A guided policy that never evicts a page requested since then. *)
Definition sparing (A : policy) : Prop :=
  guided l n k A /\
  forall σ p v, layered l n (σ ++ [p]) -> ~ In p (A σ) -> length (A σ) = k ->
    In v (A σ) -> ~ In v (A (σ ++ [p])) -> ~ In v (recent σ).

(** A KEEP policy. ([guided_keep_is_keep] in KeepFacts.v: guided-keep is one.) *)
Definition keep_policy (A : policy) : Prop :=
  sparing A /\
  forall σ p v, layered l n (σ ++ [p]) -> grows k (level σ) p = true -> length (A σ) = k ->
    In v (A σ) -> ~ In v (A (σ ++ [p])) -> v = last_page σ.

(** The last page of the layer has not been requested since. *)
Lemma last_not_recent σ : layered l n σ -> l <= length σ -> ~ In (last_page σ) (recent σ).
Proof.
  intros Hσ Hl H. apply (In_nth _ _ 0) in H as (i & Hi & E).
  unfold recent in Hi. rewrite skipn_length in Hi.
  assert (E1 : nth (length σ + 1 - l + i) σ 0 = last_page σ).
  { rewrite <- E. unfold recent. rewrite <- (firstn_skipn (length σ + 1 - l) σ) at 2.
    rewrite app_nth2; rewrite firstn_length; [f_equal|]; lia. }
  unfold last_page in E1.
  assert (HL : forall s, s < length σ -> layer n (nth s σ 0) = s mod l).
  { intros s Hs. apply (Hσ s). now apply nth_error_nth'. }
  pose proof (HL (length σ + 1 - l + i) ltac:(lia)) as L1. pose proof (HL (length σ - l) ltac:(lia)) as L2.
  rewrite E1, L2 in L1. assert (EM : (length σ - l + 0) mod l = (length σ - l + (1 + i)) mod l).
  { rewrite Nat.add_0_r. etransitivity; [exact L1|]. f_equal. lia. }
  apply mod_unique in EM; lia.
Qed.

Lemma guided_keep_sparing A : guided_keep A -> sparing A.
Proof.
  intros [HG HK]. split; [exact HG|]. intros σ p v Hσ Hp HL Hv Hn.
  pose proof (layered_prefix _ _ _ _ Hσ) as Hσ'. destruct (HK σ p v Hσ Hp HL Hv Hn) as [K1 K2].
  destruct (optimalb k (level (σ ++ [p])) (p :: evict (last_page σ) (A σ))) eqn:E.
  - apply optimalb_spec in E. rewrite (K1 E). apply last_not_recent; [exact Hσ'|].
    destruct (lazy_fits l n k A (proj1 HG) σ Hσ') as [HN _].
    pose proof (NoDup_incl_length HN (lazy_requested l n k A (proj1 HG) σ Hσ')). lia.
  - apply K2. intros H. apply optimalb_spec in H. congruence.
Qed.

(** ** It exists *)

Definition keep_rule (σ : list page) (C : cache) (p v : page) : bool :=
  let may q := optimalb k (level (σ ++ [p])) (p :: evict q C) in
  may v && (if may (last_page σ) then v =? last_page σ else negb (mem v (recent σ))).

Definition first_keep : policy := by_rule k keep_rule.

Lemma keep_rule_spec σ C p v : keep_rule σ C p v = true <->
  safe σ C p v /\ (safe σ C p (last_page σ) -> v = last_page σ) /\
  (~ safe σ C p (last_page σ) -> ~ In v (recent σ)).
Proof.
  unfold keep_rule, Far.safe. rewrite andb_true_iff, optimalb_spec.
  destruct (optimalb k (level (σ ++ [p])) (p :: evict (last_page σ) C)) eqn:E.
  - apply optimalb_spec in E. rewrite Nat.eqb_eq. tauto.
  - assert (E' : ~ optimal k (level (σ ++ [p])) (p :: evict (last_page σ) C)).
    { intros H. apply optimalb_spec in H. congruence. }
    rewrite negb_true_iff, mem_not_In. tauto.
Qed.

(** Pages requested in the last l requests have levels no higher than others. *)
Lemma recent_low σ p x y : layered l n (σ ++ [p]) -> In x (recent σ) -> ~ In y (recent σ) -> y <> p ->
  level (σ ++ [p]) x <= level (σ ++ [p]) y.
Proof.
  intros Hσ Hx Hy Hyp. assert (Hn : 1 <= n).
  { destruct (layered_last l n σ p Hσ). destruct n; lia. }
  destruct (endless_extends l n _ l_pos Hn Hσ) as (P & HP & EP). rewrite app_length in EP. simpl in EP.
  rewrite Nat.add_1_r, pre_S in EP. apply app_inj_tail in EP as [E1 E2].
  pose proof (pre_S P (length σ)) as ES. rewrite E1, E2 in ES. rewrite <- ES.
  assert (ER : forall q, In q (recent σ) <-> exists s, length σ + 1 - l <= s /\ s < length σ /\ P s = q).
  { intros q. unfold recent. split.
    - intros H. apply (In_nth _ _ 0) in H as (i & Hi & <-). rewrite skipn_length in Hi.
      exists (length σ + 1 - l + i). split; [lia|]. split; [lia|].
      rewrite <- (firstn_skipn (length σ + 1 - l) σ) in E1 at 2.
      rewrite <- (pre_nth P (length σ) _ 0) by lia. rewrite E1, app_nth2; rewrite firstn_length; [f_equal; lia | lia].
    - intros (s & H1 & H2 & <-). rewrite <- (pre_nth P (length σ) s 0), E1 by assumption.
      rewrite <- (firstn_skipn (length σ + 1 - l) σ) at 1.
      rewrite app_nth2; rewrite firstn_length; [|lia]. apply nth_In. rewrite skipn_length. lia. }
  apply ER in Hx as (s & H1 & H2 & <-). apply (recency k slots P); [lia|].
  intros u Hu1 Hu2 Eu. subst y. destruct (Nat.eq_dec u (length σ)) as [->|Hne]; [congruence|].
  apply Hy, ER. exists u. split; [lia|]. split; [lia | reflexivity].
Qed.

(** Only cached pages can be evicted. *)
Lemma safe_cached σ C p q : length C = k -> safe σ C p q -> In q C.
Proof.
  intros HL HS. destruct (in_dec Nat.eq_dec q C) as [|Hq]; [assumption|]. exfalso.
  specialize (HS 0 (Nat.le_0_l k)). unfold evict in HS. rewrite notin_remove in HS by assumption.
  unfold above in HS. rewrite count_true in HS; [simpl in HS; lia|].
  intros x _. apply Nat.ltb_lt, levels_pos.
Qed.

Lemma keep_rule_choice σ p C : layered l n (σ ++ [p]) -> NoDup C -> length C = k ->
  optimal k (level σ) C -> ~ In p C ->
  exists v, In v C /\ keep_rule σ C p v = true.
Proof.
  intros Hσ HN HL HO Hp.
  destruct (optimalb k (level (σ ++ [p])) (p :: evict (last_page σ) C)) eqn:E.
  - apply optimalb_spec in E. exists (last_page σ). split; [now apply (safe_cached σ C p)|]. apply keep_rule_spec.
    split; [exact E|]. split; [reflexivity|]. intros H. now destruct H.
  - assert (E' : ~ safe σ C p (last_page σ)).
    { intros H. apply optimalb_spec in H. congruence. }
    destruct (top_page (level (σ ++ [p])) (filter (fun q => negb (mem q (recent σ))) C)) as (v & Hv & Hmax).
    { assert (H : length (recent σ) < k) by (unfold recent; rewrite skipn_length; lia).
      destruct (missing C (recent σ) HN) as (h & Hh1 & Hh2); [lia|]. intros H0.
      assert (Hh : In h (filter (fun q => negb (mem q (recent σ))) C)).
      { apply filter_In. split; [exact Hh1|]. apply mem_not_In in Hh2. now rewrite Hh2. }
      now rewrite H0 in Hh. }
    apply filter_In in Hv as [Hv1 Hv2]. apply negb_true_iff, mem_not_In in Hv2.
    exists v. split; [exact Hv1|]. apply keep_rule_spec. split; [|split; [contradiction | auto]].
    apply (top_is_safe k slots); auto. intros x Hx.
    destruct (in_dec Nat.eq_dec x (recent σ)) as [Hr|Hr].
    + apply recent_low; auto. now intros ->.
    + apply Hmax, filter_In. split; [exact Hx|]. apply mem_not_In in Hr. now rewrite Hr.
Qed.

Theorem keep_exists : guided_keep first_keep.
Proof.
  assert (HR : forall σ p, layered l n (σ ++ [p]) -> ~ In p (first_keep σ) -> length (first_keep σ) = k ->
    optimal k (level σ) (first_keep σ) ->
    keep_rule σ (first_keep σ) p (victim keep_rule σ (first_keep σ) p) = true /\
    first_keep (σ ++ [p]) = p :: evict (victim keep_rule σ (first_keep σ) p) (first_keep σ)).
  { intros σ p Hσ Hp HK HO. destruct (by_rule_fits k keep_rule slots σ) as [HN _]. fold first_keep in HN.
    destruct (keep_rule_choice σ p _ Hσ HN HK HO Hp) as (v & Hv & HR).
    split; [exact (victim_rule keep_rule σ _ p v Hv HR)|].
    unfold first_keep at 1. rewrite by_rule_snoc. fold first_keep. unfold next.
    apply mem_not_In in Hp. now rewrite Hp, HK, Nat.ltb_irrefl. }
  assert (HG : guided l n k first_keep).
  { apply safe_is_guided; [exact slots | now apply by_rule_lazy|]. intros σ p Hσ Hp HK HO.
    destruct (HR σ p Hσ Hp HK HO) as [H ->]. now apply keep_rule_spec in H. }
  split; [exact HG|]. intros σ p v Hσ Hp HK Hv Hvn.
  pose proof (proj2 HG σ (layered_prefix _ _ _ _ Hσ)) as HO.
  destruct (HR σ p Hσ Hp HK HO) as [H E]. apply keep_rule_spec in H.
  assert (Ev : v = victim keep_rule σ (first_keep σ) p).
  { destruct (Nat.eq_dec v (victim keep_rule σ (first_keep σ) p)) as [|Hne]; [assumption|]. exfalso.
    apply Hvn. rewrite E. right. apply In_evict. auto. }
  rewrite Ev. tauto.
Qed.

End Keep.
