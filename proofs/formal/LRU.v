(** * LRU: LRU, FIFO, every conservative and every marking policy have ratio at most k

    Note: proofs/notes/lru-upper.md. The phases of the note are needed for marking policies only; for
    conservative ones the stretches between two growths of OPT do, as they have at most k distinct
    pages ([since_length]). Main theorems: [conservative_upper], [marking_upper], [lru_upper],
    [fifo_upper]; all with constant 0. *)

From Coq Require Import List Arith Lia.
From LayeredPaging Require Import Model Sets Offset Since LazyFacts.
Import ListNotations.

Section Upper.

Variables l n k : nat.
Hypothesis slots : 1 <= k.

Notation level := (levels_of k).

(** ** Conservative policies *)

(** How many distinct pages are requested. *)
Definition distinct (τ : list page) : nat := length (nodup Nat.eq_dec τ).

(** On a run with at most k distinct pages it pays at most k. *)
Definition conservative (A : policy) : Prop :=
  forall σ τ, layered l n (σ ++ τ) -> distinct τ <= k -> cost A (σ ++ τ) <= cost A σ + k.

Lemma distinct_le τ Q : incl τ Q -> distinct τ <= length Q.
Proof.
  intros H. apply NoDup_incl_length; [apply NoDup_nodup|]. intros q Hq. apply nodup_In in Hq. now apply H.
Qed.

(** The requests from the last growth on. *)
Lemma last_segment σ : σ <> [] ->
  exists ρ τ, σ = ρ ++ τ /\ τ <> [] /\ growths k σ = growths k ρ + 1 /\ incl τ (since k σ).
Proof.
  induction σ as [|σ p IH] using snoc_ind; [easy|]. intros _.
  rewrite growths_snoc, since_snoc. destruct (grows k (level σ) p) eqn:G.
  - exists σ, [p]. split; [reflexivity|]. split; [discriminate|]. split; [reflexivity|].
    apply incl_refl.
  - destruct IH as (ρ & τ & E & Hne & Hg & Hi).
    { intros ->. rewrite (first_grows k slots p) in G. discriminate. }
    exists ρ, (τ ++ [p]). split; [now rewrite E, app_assoc|].
    split; [now destruct τ|]. split; [lia|]. intros q Hq.
    destruct (Nat.eq_dec p q) as [|Hqp]; [now left|]. right. apply In_evict.
    apply in_app_or in Hq as [Hq|[?|[]]]; [|contradiction]. split; [now apply Hi | auto].
Qed.

Theorem conservative_upper A σ m : conservative A ->
  layered l n σ -> is_opt k σ m -> cost A σ <= k * m.
Proof.
  intros HA Hσ Hm. apply opt_growths in Hm; [|exact slots]. subst m. revert Hσ.
  remember (length σ) as len eqn:E. revert σ E.
  induction len as [len IH] using lt_wf_ind. intros σ E Hσ.
  destruct (list_eq_dec Nat.eq_dec σ []) as [->|Hne]; [cbn; lia|].
  destruct (last_segment σ Hne) as (ρ & τ & -> & Hτ & Hg & Hi).
  assert (Hd : distinct τ <= k).
  { apply Nat.le_trans with (1 := distinct_le _ _ Hi). now apply since_length. }
  specialize (HA ρ τ Hσ Hd). rewrite app_length in E.
  assert (Hlen : length ρ < len) by (destruct τ; [easy | simpl in E; lia]).
  specialize (IH _ Hlen ρ eq_refl (layered_prefix _ _ _ _ Hσ)). rewrite Hg. lia.
Qed.

(** ** Marking policies *)

Definition mark (M : list page) (p : page) : list page :=
  if mem p M then M else if length M =? k then [p] else p :: M.

(** The pages requested in the present phase; a phase ends before the (k+1)-th distinct page. *)
Definition marks (σ : list page) : list page := fold_left mark σ [].

(** It never evicts a page that was requested in the present phase. *)
Definition marking (A : policy) : Prop := forall σ, layered l n σ -> incl (marks σ) (A σ).

Fixpoint phases_from (M σ : list page) : nat :=
  match σ with
  | [] => 0
  | p :: rest =>
      (if mem p M then 0 else if length M =? k then 1 else 0) + phases_from (mark M p) rest
  end.

Lemma marks_snoc σ p : marks (σ ++ [p]) = mark (marks σ) p.
Proof. unfold marks. now rewrite fold_left_app. Qed.

Lemma marks_length σ : length (marks σ) <= k /\ NoDup (marks σ).
Proof.
  induction σ as [|σ p [IH HN]] using snoc_ind; [split; [simpl; lia | constructor]|].
  rewrite marks_snoc. unfold mark. destruct (mem p (marks σ)) eqn:M; [auto|].
  destruct (length (marks σ) =? k) eqn:E; [split; [simpl; lia | constructor; [tauto | constructor]]|].
  apply Nat.eqb_neq in E. apply mem_not_In in M. split; [simpl; lia | now constructor].
Qed.

Lemma phases_from_app M σ τ :
  phases_from M (σ ++ τ) = phases_from M σ + phases_from (fold_left mark σ M) τ.
Proof. revert M. induction σ as [|p σ IH]; intros M; simpl; [|rewrite IH]; lia. Qed.

(** Phases that have begun after the first one: fewer than OPT, and as long as they are just one
    fewer, the marked pages have all been requested since OPT last grew. *)
Lemma phases_growths σ : σ <> [] ->
  phases_from [] σ + 1 <= growths k σ /\
  (phases_from [] σ + 1 = growths k σ -> incl (marks σ) (since k σ)).
Proof.
  induction σ as [|σ p IH] using snoc_ind; [easy|]. intros _.
  rewrite phases_from_app, growths_snoc, marks_snoc, since_snoc. fold (marks σ).
  simpl phases_from. destruct (list_eq_dec Nat.eq_dec σ []) as [->|Hne].
  { rewrite (first_grows k slots p). cbn. destruct k; [lia|]. cbn. split; [lia|].
    intros _. apply incl_refl. }
  destruct (IH Hne) as [H1 H2]. clear IH. unfold mark.
  assert (Hstay : forall Q, incl (marks σ) (since k σ) -> Q = marks σ \/ Q = p :: marks σ ->
    incl Q (p :: evict p (since k σ))).
  { intros Q HI HQ q Hq. destruct (Nat.eq_dec p q) as [|Hn]; [now left|]. right. apply In_evict.
    split; [|auto]. apply HI. destruct HQ as [->| ->]; [exact Hq|]. destruct Hq; [contradiction | auto]. }
  destruct (mem p (marks σ)) eqn:M.
  - destruct (grows k (level σ) p); [lia|]. split; [lia|]. intros E. apply Hstay; auto. apply H2. lia.
  - apply mem_not_In in M. destruct (length (marks σ) =? k) eqn:E.
    + apply Nat.eqb_eq in E. destruct (grows k (level σ) p) eqn:G.
      * split; [lia|]. intros _. apply incl_refl.
      * assert (phases_from [] σ + 1 <> growths k σ).
        { intros Heq. specialize (H2 Heq). apply grows_false in G.
          pose proof (since_length k slots σ). destruct (marks_length σ) as [_ HN].
          assert (HI : incl (since k σ) (marks σ)) by (apply NoDup_incl_full; auto; lia).
          assert (length (marks σ) <= length (since k σ)) by now apply NoDup_incl_length.
          apply M, HI, (since_In k slots). lia. }
        split; [lia|]. intros _ q [->|[]]. now left.
    + destruct (grows k (level σ) p); [lia|]. split; [lia|]. intros Heq. apply Hstay; auto.
      apply H2. lia.
Qed.

Theorem marking_upper A σ m : lazy l n k A -> marking A ->
  layered l n σ -> is_opt k σ m -> cost A σ <= k * m.
Proof.
  intros HL HA Hσ Hm. apply opt_growths in Hm; [|exact slots]. subst m.
  assert (HC : cost A σ <= k * phases_from [] σ + length (marks σ)).
  { induction σ as [|σ p IH] using snoc_ind; [cbn; lia|].
    pose proof (layered_prefix _ _ _ _ Hσ) as Hσ'. specialize (IH Hσ').
    rewrite phases_from_app, marks_snoc. fold (marks σ). simpl phases_from. unfold mark.
    assert (Hone : cost A (σ ++ [p]) <= cost A σ + 1).
    { destruct (in_dec Nat.eq_dec p (A σ)) as [Hp|Hp].
      - rewrite (proj2 (lazy_hit l n k A HL σ p Hσ Hp)). lia.
      - now rewrite (lazy_miss l n k A HL σ p Hσ Hp). }
    destruct (mem p (marks σ)) eqn:M.
    - apply mem_In in M. apply (HA σ Hσ') in M. rewrite (proj2 (lazy_hit l n k A HL σ p Hσ M)). lia.
    - destruct (length (marks σ) =? k) eqn:E; [apply Nat.eqb_eq in E|]; simpl length; lia. }
  destruct (list_eq_dec Nat.eq_dec σ []) as [->|Hne]; [cbn; lia|].
  destruct (phases_growths σ Hne) as [H _]. destruct (marks_length σ) as [H' _].
  assert (k * (phases_from [] σ + 1) <= k * growths k σ) by now apply Nat.mul_le_mono_l. lia.
Qed.

(** ** LRU and FIFO *)

(** The cache of LRU in the order of last requests: the page comes to the front; if there are too
    many, the last one is evicted. *)
Definition lru_step (C : cache) (p : page) : cache := firstn k (p :: evict p C).

Definition LRU : policy := fun σ => fold_left lru_step σ [].

(** The cache of FIFO in the order of loads. *)
Definition fifo_step (C : cache) (p : page) : cache := if mem p C then C else firstn k (p :: C).

Definition FIFO : policy := fun σ => fold_left fifo_step σ [].

Lemma LRU_snoc σ p : LRU (σ ++ [p]) = lru_step (LRU σ) p.
Proof. unfold LRU. now rewrite fold_left_app. Qed.

Lemma FIFO_snoc σ p : FIFO (σ ++ [p]) = fifo_step (FIFO σ) p.
Proof. unfold FIFO. now rewrite fold_left_app. Qed.

Lemma In_firstn_k (C : cache) q : In q (firstn k C) -> In q C.
Proof. intros H. rewrite <- (firstn_skipn k C). apply in_or_app. now left. Qed.

Lemma NoDup_firstn_k (C : cache) : NoDup C -> NoDup (firstn k C).
Proof.
  intros H. rewrite <- (firstn_skipn k C) in H. revert H. generalize (firstn k C).
  intros D. induction D as [|x D IH]; intros H; [constructor|]. inversion_clear H.
  constructor; [|now apply IH]. intros Hx. apply H0. apply in_or_app. now left.
Qed.

Lemma LRU_fits σ : fits k (LRU σ).
Proof.
  induction σ as [|σ p [HN HL]] using snoc_ind; [split; [constructor | simpl; lia]|].
  rewrite LRU_snoc. unfold lru_step. split; [|rewrite firstn_length; lia].
  apply NoDup_firstn_k. constructor; [rewrite In_evict; tauto | now apply NoDup_evict].
Qed.

Lemma FIFO_fits σ : fits k (FIFO σ).
Proof.
  induction σ as [|σ p [HN HL]] using snoc_ind; [split; [constructor | simpl; lia]|].
  rewrite FIFO_snoc. unfold fifo_step. destruct (mem p (FIFO σ)) eqn:M; [now split|].
  split; [|rewrite firstn_length; lia]. apply NoDup_firstn_k. constructor; [|exact HN].
  now apply mem_not_In.
Qed.

Lemma LRU_In σ p : In p (LRU (σ ++ [p])).
Proof. rewrite LRU_snoc. unfold lru_step. destruct k; [lia | now left]. Qed.

Lemma FIFO_In σ p : In p (FIFO (σ ++ [p])).
Proof.
  rewrite FIFO_snoc. unfold fifo_step. destruct (mem p (FIFO σ)) eqn:M; [now apply mem_In|].
  destruct k; [lia | now left].
Qed.

Theorem LRU_legal : legal l n k LRU.
Proof. split; [reflexivity|]. intros σ p _. split; [apply LRU_fits | apply LRU_In]. Qed.

Theorem FIFO_legal : legal l n k FIFO.
Proof. split; [reflexivity|]. intros σ p _. split; [apply FIFO_fits | apply FIFO_In]. Qed.

(** The distinct pages of a run, the latest first. *)
Definition recent (τ : list page) : list page := fold_left (fun Q p => p :: evict p Q) τ [].

Lemma recent_snoc τ p : recent (τ ++ [p]) = p :: evict p (recent τ).
Proof. unfold recent. now rewrite fold_left_app. Qed.

Lemma recent_spec τ : NoDup (recent τ) /\ same (recent τ) τ.
Proof.
  induction τ as [|τ p [HN HS]] using snoc_ind; [split; [constructor | red; tauto]|].
  rewrite recent_snoc. split.
  - constructor; [rewrite In_evict; tauto | now apply NoDup_evict].
  - intros q. rewrite in_app_iff. simpl. rewrite In_evict, (HS q).
    destruct (Nat.eq_dec p q) as [|Hn]; [tauto|]. intuition.
Qed.

Lemma recent_length τ : length (recent τ) = distinct τ.
Proof.
  destruct (recent_spec τ) as [HN HS]. apply same_length; [exact HN | apply NoDup_nodup |].
  intros q. now rewrite (HS q), nodup_In.
Qed.

Lemma distinct_snoc τ p : distinct τ <= distinct (τ ++ [p]).
Proof.
  rewrite <- !recent_length. apply NoDup_incl_length; [apply recent_spec|].
  intros q Hq. apply (proj2 (recent_spec (τ ++ [p]))). apply (proj2 (recent_spec τ)) in Hq.
  apply in_or_app. now left.
Qed.

(** The first pages of LRU's cache are those of the run, while they are at most k; each was missed at
    most once. *)
Lemma LRU_run σ τ : distinct τ <= k ->
  (exists rest, LRU (σ ++ τ) = recent τ ++ rest) /\ cost LRU (σ ++ τ) <= cost LRU σ + distinct τ.
Proof.
  induction τ as [|τ p IH] using snoc_ind; intros Hd.
  { rewrite app_nil_r. split; [now exists (LRU σ) | lia]. }
  pose proof (distinct_snoc τ p) as Hmono. destruct IH as [[rest E] HC]; [lia|].
  rewrite app_assoc, LRU_snoc. split.
  - unfold lru_step. rewrite E. unfold evict at 1. rewrite remove_app.
    fold (evict p (recent τ)) (evict p rest). rewrite app_comm_cons, <- recent_snoc, firstn_app.
    rewrite firstn_all2 by (rewrite recent_length; exact Hd). eauto.
  - rewrite cost_snoc, LRU_snoc. rewrite <- !recent_length in *. rewrite recent_snoc. simpl.
    destruct (recent_spec τ) as [HN HS]. destruct (in_dec Nat.eq_dec p (recent τ)) as [Hp|Hp].
    + pose proof (length_evict p _ HN Hp). rewrite loads_refl; [lia|]. intros q Hq.
      unfold lru_step in Hq. apply In_firstn_k in Hq as [<-|Hq].
      * rewrite E. apply in_or_app. now left.
      * now apply In_evict in Hq.
    + unfold evict. rewrite notin_remove by assumption.
      assert (loads (LRU (σ ++ τ)) (lru_step (LRU (σ ++ τ)) p) <= 1); [|lia].
      apply (loads_one _ _ p).
      * rewrite <- LRU_snoc. apply LRU_fits.
      * intros q Hq. unfold lru_step in Hq. apply In_firstn_k in Hq as [<-|Hq]; [now left|].
        right. now apply In_evict in Hq.
Qed.

(** The first pages of FIFO's cache are those that it loaded in the run. *)
Lemma FIFO_run σ τ : distinct τ <= k ->
  exists loaded rest, FIFO (σ ++ τ) = loaded ++ rest /\ NoDup loaded /\ incl loaded τ /\
    cost FIFO (σ ++ τ) <= cost FIFO σ + length loaded.
Proof.
  induction τ as [|τ p IH] using snoc_ind; intros Hd.
  { rewrite app_nil_r. exists [], (FIFO σ). split; [reflexivity|]. split; [constructor|].
    split; [easy | simpl; lia]. }
  pose proof (distinct_snoc τ p) as Hmono.
  destruct IH as (loaded & rest & E & HN & HI & HC); [lia|].
  rewrite app_assoc, cost_snoc, FIFO_snoc. unfold fifo_step.
  destruct (mem p (FIFO (σ ++ τ))) eqn:M.
  - exists loaded, rest. split; [exact E|]. split; [exact HN|]. split.
    + intros q Hq. apply in_or_app. left. now apply HI.
    + rewrite loads_refl; [lia | apply incl_refl].
  - apply mem_not_In in M.
    assert (HN' : NoDup (p :: loaded)).
    { constructor; [|exact HN]. intros H. apply M. rewrite E. apply in_or_app. now left. }
    assert (HI' : incl (p :: loaded) (τ ++ [p])).
    { intros q [<-|Hq]; apply in_or_app; [right; now left | left; now apply HI]. }
    assert (Hlen : length (p :: loaded) <= k).
    { apply Nat.le_trans with (2 := Hd). apply NoDup_incl_length; [exact HN'|].
      intros q Hq. apply nodup_In. now apply HI'. }
    exists (p :: loaded), (firstn (k - length (p :: loaded)) rest).
    split; [|split; [exact HN' | split; [exact HI'|]]].
    + rewrite E, app_comm_cons, firstn_app, firstn_all2 by exact Hlen. reflexivity.
    + assert (loads (FIFO (σ ++ τ)) (firstn k (p :: FIFO (σ ++ τ))) <= 1); [|simpl; lia].
      apply (loads_one _ _ p).
      * apply NoDup_firstn_k. constructor; [exact M | apply FIFO_fits].
      * intros q Hq. apply In_firstn_k in Hq as [<-|Hq]; auto.
Qed.

Theorem LRU_conservative : conservative LRU.
Proof. intros σ τ _ Hd. destruct (LRU_run σ τ Hd) as [_ H]. lia. Qed.

Theorem FIFO_conservative : conservative FIFO.
Proof.
  intros σ τ _ Hd. destruct (FIFO_run σ τ Hd) as (loaded & rest & _ & HN & HI & HC).
  assert (length loaded <= distinct τ); [|lia].
  apply NoDup_incl_length; [exact HN|]. intros q Hq. apply nodup_In. now apply HI.
Qed.

Corollary lru_upper σ m : layered l n σ -> is_opt k σ m -> cost LRU σ <= k * m.
Proof. apply conservative_upper, LRU_conservative. Qed.

Corollary fifo_upper σ m : layered l n σ -> is_opt k σ m -> cost FIFO σ <= k * m.
Proof. apply conservative_upper, FIFO_conservative. Qed.

End Upper.
