(** * TwoPages: two pages of each layer, and caches with l of them

    For OneTokenLower.v: [row] has the last pages of all layers, [ahead] lacks that of one layer and has both of
    another; [reach] says what a schedule pays for a cache. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets.
Import ListNotations.

Section TwoPages.

Variables l n : nat.
Hypothesis l_two : 2 <= l.
Hypothesis n_two : 2 <= n.

Definition pg (j : nat) (b : bool) : page := j * n + Nat.b2n b.

Definition flip (v : nat) (e : nat -> bool) : nat -> bool := fun j => if j =? v then negb (e j) else e j.

(** The last pages of all layers; and without that of layer [s], but with both pages of [v]. *)
Definition row (e : nat -> bool) : cache := map (fun j => pg j (e j)) (seq 0 l).
Definition ahead (s v : nat) (e : nat -> bool) : cache :=
  map (fun j => if j =? s then pg v (negb (e v)) else pg j (e j)) (seq 0 l).

Lemma pg_layer j b : layer n (pg j b) = j.
Proof.
  unfold layer, pg. rewrite Nat.add_comm, Nat.div_add by lia. rewrite Nat.div_small; [reflexivity|].
  destruct b; simpl; lia.
Qed.

Lemma pg_lt j b : j < l -> pg j b < l * n.
Proof.
  intros H. unfold pg. assert (S j * n <= l * n) by (apply Nat.mul_le_mono_r; lia).
  destruct b; simpl in *; lia.
Qed.

Lemma pg_same j b j' b' : pg j b = pg j' b' -> j = j' /\ b = b'.
Proof.
  intros E. assert (Ej : j = j') by (rewrite <- (pg_layer j b), <- (pg_layer j' b'); now rewrite E).
  split; [exact Ej|]. subst j'. unfold pg in E. destruct b, b'; simpl in E; auto; lia.
Qed.

Lemma flip_same v e : flip v e v = negb (e v).
Proof. unfold flip. now rewrite Nat.eqb_refl. Qed.

Lemma flip_other v e j : j <> v -> flip v e j = e j.
Proof. intros H. unfold flip. apply Nat.eqb_neq in H. now rewrite H. Qed.

Lemma row_In e q : In q (row e) <-> exists j, j < l /\ q = pg j (e j).
Proof.
  unfold row. rewrite in_map_iff. split; intros (j & H1 & H2); exists j.
  - apply in_seq in H2. split; [lia | now symmetry].
  - split; [now symmetry | apply in_seq; lia].
Qed.

Lemma ahead_In s v e q : s < l -> (In q (ahead s v e) <->
  q = pg v (negb (e v)) \/ exists j, j < l /\ j <> s /\ q = pg j (e j)).
Proof.
  intros Hs. unfold ahead. rewrite in_map_iff. split.
  - intros (j & H1 & H2). apply in_seq in H2. destruct (Nat.eqb_spec j s) as [E|Hne]; [now left | right].
    exists j. split; [lia|]. split; [exact Hne | now symmetry].
  - intros [->|(j & H1 & H2 & ->)].
    + exists s. rewrite Nat.eqb_refl. split; [reflexivity | apply in_seq; lia].
    + exists j. apply Nat.eqb_neq in H2. rewrite H2. split; [reflexivity | apply in_seq; lia].
Qed.

Lemma map_NoDup (f : nat -> page) :
  (forall i j, i < l -> j < l -> f i = f j -> i = j) -> fits l (map f (seq 0 l)).
Proof.
  intros H. split; [|rewrite map_length, seq_length; lia].
  assert (HI : forall x, In x (seq 0 l) -> x < l) by (intros x Hx; apply in_seq in Hx; lia).
  revert HI. generalize (seq_NoDup l 0). generalize (seq 0 l).
  induction 1 as [|x D Hx HD IH]; intros HI; simpl; constructor.
  - rewrite in_map_iff. intros (y & E & Hy). apply H in E; [congruence | | ]; apply HI; [now right | now left].
  - apply IH. intros y Hy. apply HI. now right.
Qed.

Lemma row_fits e : fits l (row e).
Proof. apply map_NoDup. intros i j _ _ E. now apply pg_same in E. Qed.

Lemma ahead_fits s v e : s <> v -> fits l (ahead s v e).
Proof.
  intros Hs. apply map_NoDup. intros i j _ _.
  destruct (Nat.eqb_spec i s) as [H1|H1], (Nat.eqb_spec j s) as [H2|H2]; intros E; [congruence| | |now apply pg_same in E];
    apply pg_same in E as [E1 E2]; exfalso; subst;
    match goal with H : negb (e ?x) = e ?x |- _ => destruct (e x); discriminate | H : e ?x = negb (e ?x) |- _ => destruct (e x); discriminate end.
Qed.

(** ** Offline *)

Definition reach (σ : list page) (D : cache) (c : nat) : Prop := exists c', schedule l σ D c' /\ c' <= c.

Lemma reach_hit σ D c p D' : reach σ D c -> fits l D' -> In p D' -> incl D' D -> reach (σ ++ [p]) D' c.
Proof.
  intros (c' & HS & Hc) HF Hp HI. exists (c' + loads D D'). split; [now constructor|].
  rewrite loads_refl by exact HI. lia.
Qed.

Lemma reach_load σ D c p D' : reach σ D c -> fits l D' -> In p D' ->
  (forall q, In q D' -> q = p \/ In q D) -> reach (σ ++ [p]) D' (c + 1).
Proof.
  intros (c' & HS & Hc) HF Hp HI. exists (c' + loads D D'). split; [now constructor|].
  pose proof (loads_one D D' p (proj1 HF) HI). lia.
Qed.

Lemma request_layered σ j b : layered l n σ -> j = length σ mod l -> layered l n (σ ++ [pg j b]).
Proof.
  intros Hσ ->. apply layered_snoc; [exact Hσ | | apply pg_layer].
  apply pg_lt, Nat.mod_upper_bound. lia.
Qed.

End TwoPages.
