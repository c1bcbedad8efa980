(** * Expect: finite sums of rational numbers

    Helpers that are about sums and expectations only, not about paging. One theorem is: [certain_cost], a
    deterministic policy is a randomized one that draws nothing. *)

From Coq Require Import List Arith NArith QArith Lqa Lia Permutation.
From LayeredPaging Require Import Model RandomModel Sets.
Import ListNotations.
Open Scope Q_scope.

(** ** Whole numbers *)

Definition rational (m : nat) : Q := inject_Z (Z.of_nat m).

Lemma rational_plus a b : rational (a + b) == rational a + rational b.
Proof. unfold rational. now rewrite Nat2Z.inj_add, inject_Z_plus. Qed.

Lemma rational_mult a b : rational (a * b) == rational a * rational b.
Proof. unfold rational. now rewrite Nat2Z.inj_mul, inject_Z_mult. Qed.

Lemma rational_le a b : (a <= b)%nat -> rational a <= rational b.
Proof. intros H. unfold rational. rewrite <- Zle_Qle. lia. Qed.

Lemma rational_pos a : 0 <= rational a.
Proof. apply (rational_le 0 a). lia. Qed.

Lemma rational_one a : (1 <= a)%nat -> 1 <= rational a.
Proof. apply (rational_le 1 a). Qed.

(** ** Sums *)

Definition total {A} (f : A -> Q) (b : list A) : Q := fold_right (fun a s => f a + s) 0 b.

Lemma total_ext {A} (f g : A -> Q) b : (forall a, In a b -> f a == g a) -> total f b == total g b.
Proof.
  induction b as [|a b IH]; intros H; simpl; [reflexivity|].
  rewrite (H a), IH; [reflexivity | intros; apply H; now right | now left].
Qed.

Lemma total_le {A} (f g : A -> Q) b : (forall a, In a b -> f a <= g a) -> total f b <= total g b.
Proof.
  induction b as [|a b IH]; intros H; simpl; [lra|].
  assert (f a <= g a) by (apply H; now left). assert (total f b <= total g b) by (apply IH; intros; apply H; now right).
  lra.
Qed.

Lemma total_plus {A} (f g : A -> Q) b : total (fun a => f a + g a) b == total f b + total g b.
Proof. induction b as [|a b IH]; simpl; [reflexivity|]. rewrite IH. ring. Qed.

Lemma total_scale {A} c (f : A -> Q) b : total (fun a => c * f a) b == c * total f b.
Proof. induction b as [|a b IH]; simpl; [ring|]. rewrite IH. ring. Qed.

Lemma total_zero {A} b : total (fun _ : A => 0) b == 0.
Proof. induction b as [|a b IH]; simpl; [reflexivity|]. rewrite IH. ring. Qed.

Lemma total_map {A B} (g : A -> B) (f : B -> Q) b : total f (map g b) = total (fun a => f (g a)) b.
Proof. induction b as [|a b IH]; simpl; [reflexivity|]. now rewrite IH. Qed.

Lemma total_app {A} (f : A -> Q) a b : total f (a ++ b) == total f a + total f b.
Proof. induction a as [|x a IH]; simpl; [ring|]. rewrite IH. ring. Qed.

Lemma total_swap {A B} (f : A -> B -> Q) a b :
  total (fun x => total (f x) b) a == total (fun y => total (fun x => f x y) a) b.
Proof.
  induction a as [|x a IH]; simpl; [now rewrite total_zero|]. rewrite IH, total_plus. reflexivity.
Qed.

Lemma total_Permutation {A} (f : A -> Q) a b : Permutation a b -> total f a == total f b.
Proof.
  induction 1 as [|x a b H IH|x y a|a b c H1 IH1 H2 IH2]; simpl; [reflexivity | now rewrite IH | ring | now rewrite IH1].
Qed.

(** ** Expectations *)

Lemma expect_total {A} (d : distribution A) f : expect d f = total (fun a => snd a * f (fst a)) d.
Proof. induction d as [|[a w] d IH]; simpl; [reflexivity|]. now rewrite IH. Qed.

Lemma expect_ext {A} (d : distribution A) f g :
  (forall a, In a (map fst d) -> f a == g a) -> expect d f == expect d g.
Proof.
  intros H. rewrite !expect_total. apply total_ext. intros a Ha. rewrite H; [reflexivity|]. now apply in_map.
Qed.

Lemma expect_le {A} (d : distribution A) f g : (forall a, In a d -> 0 <= snd a) ->
  (forall a, In a (map fst d) -> f a <= g a) -> expect d f <= expect d g.
Proof.
  intros HP H. rewrite !expect_total. apply total_le. intros a Ha.
  specialize (HP a Ha). specialize (H (fst a) (in_map fst _ _ Ha)).
  rewrite (Qmult_comm (snd a) (f _)), (Qmult_comm (snd a) (g _)). now apply Qmult_le_compat_r.
Qed.

Lemma expect_plus {A} (d : distribution A) f g : expect d (fun a => f a + g a) == expect d f + expect d g.
Proof. rewrite !expect_total, <- total_plus. apply total_ext. intros. ring. Qed.

Lemma expect_scale {A} (d : distribution A) c f : expect d (fun a => c * f a) == c * expect d f.
Proof. rewrite !expect_total, <- total_scale. apply total_ext. intros. ring. Qed.

Lemma expect_swap {A B} (d : distribution A) (d' : distribution B) f :
  expect d (fun a => expect d' (f a)) == expect d' (fun b => expect d (fun a => f a b)).
Proof.
  induction d as [|[a w] d IH]; simpl.
  - induction d' as [|[b v] d' IH']; simpl; [reflexivity|]. rewrite <- IH'. ring.
  - rewrite IH, expect_plus, expect_scale. reflexivity.
Qed.

(** A constant comes out of a proper distribution. *)
Lemma expect_const {A} (d : distribution A) c : proper d -> expect d (fun _ => c) == c.
Proof.
  intros [_ H]. transitivity (c * expect d (fun _ => 1)); [|rewrite H; ring].
  rewrite <- expect_scale. apply expect_ext. intros. ring.
Qed.

(** What holds of everything that can be drawn holds on average. *)
Lemma expect_least {A} (d : distribution A) c f : proper d ->
  (forall a, In a (map fst d) -> c <= f a) -> c <= expect d f.
Proof. intros HP H. rewrite <- (expect_const d c HP). apply expect_le; [apply HP | exact H]. Qed.

Lemma expect_most {A} (d : distribution A) c f : proper d ->
  (forall a, In a (map fst d) -> f a <= c) -> expect d f <= c.
Proof. intros HP H. rewrite <- (expect_const d c HP). apply expect_le; [apply HP | exact H]. Qed.

(** ** A deterministic policy *)

Theorem certain_legal l n k A : legal l n k A -> random_legal l n k (certain A).
Proof.
  intros [_ H] σ p held Hσ. split.
  - split; [intros a [<-|[]]; simpl; lra | simpl; ring].
  - intros C [<-|[]]. now apply H.
Qed.

Theorem certain_cost A σ : A [] = [] -> expected_cost (certain A) σ == rational (cost A σ).
Proof.
  intros H0. unfold expected_cost, cost.
  assert (H : forall future past held, hd [] held = A past ->
    expected_after (certain A) past held future == rational (cost_after A past future)).
  { induction future as [|p rest IH]; intros past held E; simpl; [reflexivity|].
    rewrite E, (IH _ (_ :: held)), rational_plus by reflexivity. unfold rational. ring. }
  apply H. now rewrite H0.
Qed.
