(** * Timeline: requests as a function of time

    Proofs that look back and ahead need the request at any time. A layered sequence is the beginning of
    an endless one, [P]; [pre t] are its first t requests. And numbers of times with a property. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Turns.
Import ListNotations.

(** ** How many times before [b] have the property [f] *)

Fixpoint upto (f : nat -> bool) (b : nat) : nat :=
  match b with
  | 0 => 0
  | S b => upto f b + (if f b then 1 else 0)
  end.

Lemma upto_mono f a b : a <= b -> upto f a <= upto f b.
Proof. induction 1; simpl; lia. Qed.

Lemma upto_bound f a b : a <= b -> upto f b <= upto f a + (b - a).
Proof. induction 1; cbn [upto]; [lia|]. destruct (f m); lia. Qed.

Lemma upto_imp f g b : (forall t, t < b -> f t = true -> g t = true) -> upto f b <= upto g b.
Proof.
  induction b as [|b IH]; intros H; simpl; [lia|]. specialize (IH ltac:(intros; apply H; auto)).
  destruct (f b) eqn:E; [rewrite (H b ltac:(lia) E)|]; destruct (g b); lia.
Qed.

Lemma upto_ext f g b : (forall t, t < b -> f t = g t) -> upto f b = upto g b.
Proof. intros H. apply Nat.le_antisymm; apply upto_imp; intros t Ht; now rewrite H. Qed.

Lemma upto_some f a b t : a <= t -> t < b -> f t = true -> upto f a < upto f b.
Proof.
  intros H1 H2 H. pose proof (upto_mono f a t H1). pose proof (upto_mono f (S t) b H2).
  simpl in *. rewrite H in *. lia.
Qed.

(** None between: nothing was counted. *)
Lemma upto_none f a b t : upto f a = upto f b -> a <= t -> t < b -> f t = false.
Proof.
  intros E H1 H2. destruct (f t) eqn:F; [|reflexivity]. pose proof (upto_some f a b t H1 H2 F). lia.
Qed.

Lemma upto_same f a b : a <= b -> (forall t, a <= t -> t < b -> f t = false) -> upto f a = upto f b.
Proof.
  induction 1 as [|b Hb IH]; intros H; simpl; [reflexivity|]. rewrite (H b) by lia.
  rewrite <- IH; [lia|]. intros. apply H; lia.
Qed.

Lemma upto_zero f b : (forall t, t < b -> f t = false) -> upto f b = 0.
Proof. intros H. symmetry. apply (upto_same f 0 b); [lia | intros; now apply H]. Qed.

Lemma upto_first f a b : upto f a < upto f b ->
  exists t, a <= t /\ t < b /\ f t = true /\ upto f t = upto f a.
Proof.
  induction b as [|b IH]; simpl; intros H; [pose proof (upto_mono f 0 a); simpl in *; lia|].
  destruct (Nat.lt_ge_cases (upto f a) (upto f b)) as [Hlt|Hge].
  - destruct (IH Hlt) as (t & ? & ? & ? & ?). exists t. repeat split; auto.
  - destruct (Nat.le_gt_cases a b) as [Hab|Hab].
    + pose proof (upto_mono f a b Hab). destruct (f b) eqn:E; [|lia]. exists b. repeat split; auto; lia.
    + pose proof (upto_mono f (S b) a Hab). simpl in *. lia.
Qed.

Lemma upto_last f a b : upto f a < upto f b ->
  exists t, a <= t /\ t < b /\ f t = true /\ upto f b = upto f t + 1.
Proof.
  induction b as [|b IH]; simpl; intros H; [pose proof (upto_mono f 0 a); simpl in *; lia|].
  destruct (f b) eqn:E.
  - destruct (Nat.le_gt_cases a b) as [Hab|Hab].
    + exists b. repeat split; auto.
    + pose proof (upto_mono f (S b) a Hab). simpl in *. rewrite E in *. lia.
  - rewrite Nat.add_0_r in *. destruct (IH H) as (t & ? & ? & ? & ?). exists t. repeat split; auto.
Qed.

(** The times with the property from [a] to before [b]. *)
Definition times (f : nat -> bool) (a b : nat) : list nat := filter f (seq a (b - a)).

Lemma times_In f a b t : In t (times f a b) <-> a <= t /\ t < b /\ f t = true.
Proof. unfold times. rewrite filter_In, in_seq. intuition lia. Qed.

Lemma times_NoDup f a b : NoDup (times f a b).
Proof. apply NoDup_filter, seq_NoDup. Qed.

Lemma times_length f a b : a <= b -> length (times f a b) + upto f a = upto f b.
Proof.
  intros H. unfold times. replace b with (a + (b - a)) at 2 by lia. generalize (b - a). intros d.
  induction d as [|d IH]; [rewrite Nat.add_0_r; reflexivity|].
  rewrite seq_S, filter_app, app_length, Nat.add_succ_r. simpl. destruct (f (a + d)); simpl; lia.
Qed.

(** ** The endless sequence *)

Definition pre (P : nat -> page) (t : nat) : list page := map P (seq 0 t).

Definition endless (l n : nat) (P : nat -> page) : Prop :=
  forall t, P t < l * n /\ layer n (P t) = t mod l.

Lemma pre_S P t : pre P (S t) = pre P t ++ [P t].
Proof. unfold pre. now rewrite seq_S, map_app. Qed.

Lemma pre_length P t : length (pre P t) = t.
Proof. unfold pre. now rewrite map_length, seq_length. Qed.

Lemma pre_In P t q : In q (pre P t) <-> exists s, s < t /\ P s = q.
Proof.
  unfold pre. rewrite in_map_iff. split; intros (s & H1 & H2); exists s.
  - apply in_seq in H2. split; [lia | exact H1].
  - split; [exact H2 | apply in_seq; lia].
Qed.

Lemma pre_nth P t s d : s < t -> nth s (pre P t) d = P s.
Proof.
  intros H. unfold pre. rewrite (nth_indep _ d (P 0)) by now rewrite map_length, seq_length.
  rewrite map_nth, seq_nth by assumption. reflexivity.
Qed.

Lemma pre_layered l n P t : endless l n P -> layered l n (pre P t).
Proof.
  intros HP. induction t as [|t IH]; [apply layered_nil|]. rewrite pre_S. destruct (HP t).
  apply layered_snoc; auto. now rewrite pre_length.
Qed.

(** Within a round all pages are different. *)
Lemma endless_other l n P s t : endless l n P -> s < t -> t < s + l -> P s <> P t.
Proof.
  intros HP H1 H2 E. destruct (HP s) as [_ E1]. destruct (HP t) as [_ E2].
  assert (E3 : (s + 0) mod l = (s + (t - s)) mod l).
  { rewrite Nat.add_0_r. replace (s + (t - s)) with t by lia. congruence. }
  apply mod_unique in E3; lia.
Qed.

(** Two requests of one page within two rounds are one round apart. *)
Lemma endless_again l n P s t : 1 <= l -> endless l n P -> s < t -> t < s + 2 * l -> P s = P t -> t = s + l.
Proof.
  intros Hl HP H1 H2 E. destruct (Nat.lt_trichotomy t (s + l)) as [H|[H|H]]; [|exact H|].
  - exfalso. apply (endless_other l n P s t HP); auto.
  - exfalso. destruct (HP s) as [_ E1]. destruct (HP t) as [_ E2].
    assert (E3 : (s + l + 0) mod l = (s + l + (t - s - l)) mod l).
    { rewrite Nat.add_0_r. replace (s + l + (t - s - l)) with t by lia. rewrite <- E2, <- E, E1.
      replace (s + l) with (s + 1 * l) by lia. now rewrite Nat.mod_add by lia. }
    apply mod_unique in E3; lia.
Qed.

Lemma endless_extends l n σ : 1 <= l -> 1 <= n -> layered l n σ ->
  exists P, endless l n P /\ pre P (length σ) = σ.
Proof.
  intros Hl Hn Hσ. exists (fun t => nth t σ (t mod l * n)). split.
  - intros t. destruct (Nat.lt_ge_cases t (length σ)) as [H|H].
    + apply Hσ. now apply nth_error_nth'.
    + rewrite nth_overflow by assumption. pose proof (Nat.mod_upper_bound t l ltac:(lia)).
      split; [apply Nat.mul_lt_mono_pos_r; lia | now apply layer_first].
  - clear Hσ. unfold pre. induction σ as [|σ p IH] using snoc_ind; [reflexivity|].
    rewrite app_length, Nat.add_1_r, seq_S, map_app. simpl. f_equal.
    + transitivity (map (fun t => nth t σ (t mod l * n)) (seq 0 (length σ))); [|exact IH].
      apply map_ext_in. intros t Ht. apply in_seq in Ht. now rewrite app_nth1 by lia.
    + f_equal. now rewrite app_nth2, Nat.sub_diag by lia.
Qed.
