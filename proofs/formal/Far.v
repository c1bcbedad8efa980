(** * Far: the policy guided-far, with any rule for ties

    Note: proofs/notes/guided-far-upper.md. On a miss with a full cache it evicts, among the safe
    pages, one whose layer is visited last. Main theorem: [far_exists]. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Offset Rule LazyFacts Guided Turns.
Import ListNotations.

Section Far.

Variables l n k : nat.
Hypothesis l_pos : 1 <= l.
Hypothesis k_enough : l <= k.

Let slots : 1 <= k.
Proof. lia. Qed.

Notation level := (levels_of k).

(** How many requests of other layers come before the next one of the layer of [q], after request
    number [t]: from 0 to l-1, the latter for the layer of request [t] itself. *)
Definition distance (t : nat) (q : page) : nat := (layer n q + (l - 1 - t mod l)) mod l.

Definition safe (σ : list page) (C : cache) (p q : page) : Prop :=
  optimal k (level (σ ++ [p])) (p :: evict q C).

(** Guided-far: guided, and no safe page is visited later than the one evicted. *)
Definition far (A : policy) : Prop :=
  forall σ p v q, layered l n (σ ++ [p]) -> ~ In p (A σ) -> length (A σ) = k ->
    In v (A σ) -> ~ In v (A (σ ++ [p])) -> In q (A σ) -> safe σ (A σ) p q ->
    distance (length σ) q <= distance (length σ) v.

Definition guided_far (A : policy) : Prop := guided l n k A /\ far A.

Lemma distance_spec t q d : d < l -> layer n q = (t + 1 + d) mod l -> distance t q = d.
Proof.
  intros Hd E. apply (mod_unique l (t + 1)); [apply Nat.mod_upper_bound; lia | exact Hd|].
  rewrite <- E. unfold distance. rewrite Nat.add_mod_idemp_r by lia.
  pose proof (Nat.div_mod t l ltac:(lia)) as E1. pose proof (Nat.mod_upper_bound t l ltac:(lia)).
  replace (t + 1 + (layer n q + (l - 1 - t mod l))) with (layer n q + (t / l + 1) * l) by lia.
  rewrite Nat.mod_add by lia. apply Nat.mod_small. rewrite E. apply Nat.mod_upper_bound. lia.
Qed.

(** ** It exists *)

Definition far_rule (σ : list page) (C : cache) (p v : page) : bool :=
  optimalb k (level (σ ++ [p])) (p :: evict v C) &&
  forallb (fun q => negb (optimalb k (level (σ ++ [p])) (p :: evict q C)) ||
                    (distance (length σ) q <=? distance (length σ) v)) C.

Definition first_far : policy := by_rule k far_rule.

Lemma far_rule_spec σ C p v : far_rule σ C p v = true <->
  safe σ C p v /\ forall q, In q C -> safe σ C p q -> distance (length σ) q <= distance (length σ) v.
Proof.
  unfold far_rule, safe. rewrite andb_true_iff, forallb_forall, optimalb_spec. split.
  - intros [H1 H2]. split; [exact H1|]. intros q Hq Hs. specialize (H2 q Hq).
    apply optimalb_spec in Hs. rewrite Hs in H2. now apply Nat.leb_le.
  - intros [H1 H2]. split; [exact H1|]. intros q Hq.
    destruct (optimalb k (level (σ ++ [p])) (p :: evict q C)) eqn:E; [|reflexivity].
    apply optimalb_spec in E. simpl. apply Nat.leb_le. now apply H2.
Qed.

Lemma far_rule_choice σ p C : NoDup C -> length C = k -> optimal k (level σ) C -> ~ In p C ->
  exists v, In v C /\ far_rule σ C p v = true.
Proof.
  intros HN HL HO Hp. destruct (safe_page k slots σ p C HN HL HO Hp) as (q & Hq & Hs).
  set (S := filter (fun q => optimalb k (level (σ ++ [p])) (p :: evict q C)) C).
  assert (HqS : In q S) by (apply filter_In; split; [exact Hq | now apply optimalb_spec]).
  destruct (top_page (distance (length σ)) S) as (v & Hv & Hmax); [intros E; now rewrite E in HqS|].
  apply filter_In in Hv as [Hv1 Hv2]. exists v. split; [exact Hv1|]. apply far_rule_spec.
  split; [now apply optimalb_spec in Hv2|]. intros x Hx Hs'. apply Hmax, filter_In.
  split; [exact Hx | now apply optimalb_spec].
Qed.

Theorem far_exists : guided_far first_far.
Proof.
  assert (HG : guided l n k first_far).
  { apply safe_is_guided; [exact slots | now apply by_rule_lazy|]. intros σ p _ Hp HK HO.
    destruct (by_rule_fits k far_rule slots σ) as [HN _]. fold first_far in HN.
    destruct (far_rule_choice σ p _ HN HK HO Hp) as (v & Hv & HR).
    unfold first_far. rewrite by_rule_snoc. fold first_far. unfold next.
    apply mem_not_In in Hp as Hm. rewrite Hm, HK, Nat.ltb_irrefl.
    now apply (victim_rule far_rule σ _ p v Hv), far_rule_spec in HR as [HR _]. }
  split; [exact HG|]. intros σ p v q Hσ Hp HK Hv Hvn Hq Hs.
  destruct (by_rule_fits k far_rule slots σ) as [HN _]. fold first_far in HN.
  pose proof (proj2 HG σ (layered_prefix _ _ _ _ Hσ)) as HO.
  destruct (far_rule_choice σ p _ HN HK HO Hp) as (w & Hw & HR).
  apply (victim_rule far_rule σ _ p w Hw), far_rule_spec in HR as [_ HR].
  assert (Ev : v = victim far_rule σ (first_far σ) p).
  { destruct (Nat.eq_dec v (victim far_rule σ (first_far σ) p)) as [|Hne]; [assumption|]. exfalso.
    apply Hvn. unfold first_far. rewrite by_rule_snoc. fold first_far. unfold next.
    apply mem_not_In in Hp. rewrite Hp, HK, Nat.ltb_irrefl. right. apply In_evict. auto. }
  rewrite Ev. now apply HR.
Qed.

End Far.
