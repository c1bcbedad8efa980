(** * Since: the pages requested since OPT last grew

    They are the leading singletons of the offset function: L_1, L_2, ... are these pages, the one
    requested last first. (Theory: proofs/notes/guided-upper.md, part 2, and "key facts".)

    Main theorem: [since_levels]. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Offset.
Import ListNotations.

Section Since.

Variable k : nat.
Hypothesis slots : 1 <= k.

Notation level := (levels_of k).

Fixpoint since_from (L : levels) (Q : list page) (σ : list page) : list page :=
  match σ with
  | [] => Q
  | p :: rest => since_from (request k L p) (if grows k L p then [p] else p :: evict p Q) rest
  end.

(** The distinct pages requested since the last growth, its page included, the latest first. *)
Definition since (σ : list page) : list page := since_from (start k) [] σ.

Lemma since_from_app L Q σ τ :
  since_from L Q (σ ++ τ) = since_from (fold_left (request k) σ L) (since_from L Q σ) τ.
Proof. revert L Q. induction σ as [|p σ IH]; intros L Q; [reflexivity | apply IH]. Qed.

Lemma since_snoc σ p :
  since (σ ++ [p]) = if grows k (level σ) p then [p] else p :: evict p (since σ).
Proof. unfold since. now rewrite since_from_app. Qed.

Lemma app_same_length {X} (a b c d : list X) : a ++ b = c ++ d -> length a = length c -> a = c /\ b = d.
Proof.
  revert c. induction a as [|x a IH]; intros [|y c] E L; try discriminate; [now split|].
  injection E as -> E. injection L as L. destruct (IH c E L). subst. auto.
Qed.

Lemma evict_middle p (Q1 Q2 : list page) : NoDup (Q1 ++ p :: Q2) -> evict p (Q1 ++ p :: Q2) = Q1 ++ Q2.
Proof.
  intros HN. unfold evict. rewrite remove_app. simpl. destruct (Nat.eq_dec p p); [|easy].
  pose proof (NoDup_remove_2 _ _ _ HN) as H. rewrite in_app_iff in H.
  rewrite !notin_remove; tauto.
Qed.

(** The pages since the last growth have the levels 1, 2, ..., in this order; all others are above. *)
Theorem since_levels σ :
  NoDup (since σ) /\ map (level σ) (since σ) = seq 1 (length (since σ)) /\
  (forall q, ~ In q (since σ) -> length (since σ) < level σ q) /\ length (since σ) <= k.
Proof.
  induction σ as [|σ p (HN & HM & HO & HL)] using snoc_ind.
  { split; [constructor|]. split; [reflexivity|]. split; [intros q _; cbv; lia | simpl; lia]. }
  rewrite since_snoc. destruct (grows k (level σ) p) eqn:G.
  { split; [constructor; [tauto | constructor]|].
    split; [simpl; now rewrite levels_snoc, request_same|].
    split; [|simpl; lia]. intros q Hq. simpl in *. pose proof (level_one k σ p q) as H1.
    pose proof (levels_pos k (σ ++ [p]) q). assert (level (σ ++ [p]) q <> 1); [|lia].
    intros E. apply H1 in E. auto. }
  apply grows_false in G. destruct (in_dec Nat.eq_dec p (since σ)) as [Hp|Hp].
  - (* a page of the list: it goes to the front *)
    apply in_split in Hp as (Q1 & Q2 & E). rewrite E in *. rewrite evict_middle by assumption.
    pose proof HN as HN'. apply NoDup_remove in HN' as [HN1 HN2].
    rewrite map_app, app_length, seq_app in HM. simpl in HM.
    apply app_same_length in HM as [M1 M2]; [|now rewrite map_length, seq_length].
    injection M2 as Mp M2.
    assert (HR : forall q, q <> p -> level (σ ++ [p]) q =
                  if level σ q <=? level σ p then S (level σ q) else level σ q).
    { intros q Hq. rewrite levels_snoc. now apply request_inside. }
    rewrite app_length in HO, HL. simpl in HO, HL.
    split; [now constructor|]. split; [|split].
    + simpl. f_equal; [now rewrite levels_snoc, request_same|].
      rewrite map_app, app_length, seq_app. f_equal.
      * rewrite <- seq_shift. transitivity (map S (map (level σ) Q1)); [|f_equal; exact M1].
        rewrite map_map. apply map_ext_in. intros q Hq. rewrite HR.
        2: { intros ->. apply HN2. apply in_or_app. now left. }
        assert (H : In (level σ q) (seq 1 (length Q1))).
        { exact (eq_ind _ (In (level σ q)) (in_map _ _ _ Hq) _ M1). }
        apply in_seq in H. destruct (_ <=? _) eqn:Hle; [reflexivity|]. apply Nat.leb_gt in Hle. lia.
      * transitivity (map (level σ) Q2); [|exact M2]. apply map_ext_in. intros q Hq. rewrite HR.
        2: { intros ->. apply HN2. apply in_or_app. now right. }
        assert (H : In (level σ q) (seq (2 + length Q1) (length Q2))).
        { exact (eq_ind _ (In (level σ q)) (in_map _ _ _ Hq) _ M2). }
        apply in_seq in H. destruct (_ <=? _) eqn:Hle; [|reflexivity]. apply Nat.leb_le in Hle. lia.
    + intros q Hq. simpl in Hq. rewrite in_app_iff in Hq.
      assert (Hn : ~ In q (Q1 ++ p :: Q2)) by (rewrite in_app_iff; simpl; intuition).
      specialize (HO q Hn). simpl. rewrite app_length, HR by intuition.
      destruct (_ <=? _) eqn:Hle; lia.
    + simpl. rewrite app_length. lia.
  - (* a new page: all others go up *)
    pose proof (HO p Hp) as HOp. unfold evict. rewrite notin_remove by assumption. simpl.
    split; [now constructor|]. split; [|split; [|lia]].
    + f_equal; [now rewrite levels_snoc, request_same|]. rewrite <- seq_shift, <- HM, map_map.
      apply map_ext_in. intros q Hq. rewrite levels_snoc, request_inside; [|now intros ->|assumption].
      assert (In (level σ q) (seq 1 (length (since σ)))) by (rewrite <- HM; now apply in_map).
      apply in_seq in H. destruct (_ <=? _) eqn:Hle; [reflexivity|]. apply Nat.leb_gt in Hle. lia.
    + intros q Hq. specialize (HO q ltac:(tauto)).
      rewrite levels_snoc, request_inside; [|intuition|assumption].
      destruct (_ <=? _) eqn:Hle; [lia|]. apply Nat.leb_gt in Hle. lia.
Qed.

Corollary since_NoDup σ : NoDup (since σ).
Proof. apply since_levels. Qed.

Corollary since_length σ : length (since σ) <= k.
Proof. apply since_levels. Qed.

(** L_1 ∪ ... ∪ L_s, s the length of the list, is the list. *)
Corollary since_In σ q : In q (since σ) <-> level σ q <= length (since σ).
Proof.
  destruct (since_levels σ) as (_ & HM & HO & _). split; intros H.
  - assert (H' : In (level σ q) (seq 1 (length (since σ)))) by (rewrite <- HM; now apply in_map).
    apply in_seq in H'. lia.
  - destruct (in_dec Nat.eq_dec q (since σ)) as [|Hq]; [assumption|]. specialize (HO q Hq). lia.
Qed.

Lemma since_requested σ : incl (since σ) σ.
Proof.
  induction σ as [|σ p IH] using snoc_ind; [easy|]. rewrite since_snoc. intros q Hq.
  apply in_or_app. destruct (grows k (level σ) p); simpl in Hq; [right; simpl; tauto|].
  destruct Hq as [->|Hq]; [right; now left|]. apply In_evict in Hq. left. now apply IH.
Qed.

(** The first request of all is a growth. *)
Lemma first_grows p : grows k (level []) p = true.
Proof. apply Nat.ltb_lt. cbv. lia. Qed.

(** At least one page has been requested since the last growth. *)
Lemma since_nonempty σ : σ <> [] -> 1 <= length (since σ).
Proof.
  destruct σ as [|p σ] using rev_ind; [easy|]. intros _. rewrite since_snoc.
  destruct (grows k (level σ) p); simpl; lia.
Qed.

End Since.
