(** * Renaming: pages that change their names

    proofs/soundness.md, Lemma 2, its part about OPT: the update rule knows no page by name. A renaming
    that takes no two pages to one (an exchange of experts of a layer, a turn of the layers) takes the
    levels with it, and OPT of a sequence stays. Main theorem: [renaming_keeps_opt]. *)

From Coq Require Import List Arith.
From LayeredPaging Require Import Model Sets Offset.
Import ListNotations.

Section Renaming.

Variable k : nat.
Variable f : page -> page.
Hypothesis injective : forall x y, f x = f y -> x = y.

(** Requesting the new name does to the new names what requesting the old one did to the old ones. *)
Lemma request_renamed L L' x : (forall y, L' (f y) = L y) ->
  forall y, request k L' (f x) (f y) = request k L x y.
Proof.
  intros H y. unfold request. rewrite !H.
  destruct (y =? x) eqn:E.
  - apply Nat.eqb_eq in E. subst y. now rewrite Nat.eqb_refl.
  - apply Nat.eqb_neq in E. destruct (f y =? f x) eqn:E'; [|reflexivity].
    apply Nat.eqb_eq, injective in E'. contradiction.
Qed.

Lemma levels_renamed σ y : levels_of k (map f σ) (f y) = levels_of k σ y.
Proof.
  revert y. induction σ as [|σ x IH] using snoc_ind; intros y; [reflexivity|].
  rewrite map_app. simpl. rewrite !levels_snoc. now apply request_renamed.
Qed.

Lemma growths_renamed σ : growths k (map f σ) = growths k σ.
Proof.
  induction σ as [|σ x IH] using snoc_ind; [reflexivity|].
  rewrite map_app. simpl. rewrite !growths_snoc, IH. unfold grows. now rewrite levels_renamed.
Qed.

Theorem renaming_keeps_opt : 1 <= k -> forall σ m, is_opt k (map f σ) m <-> is_opt k σ m.
Proof.
  intros slots σ m. split; intros H; apply (opt_growths k slots) in H; subst m.
  - rewrite growths_renamed. now apply growths_is_opt.
  - rewrite <- growths_renamed. now apply growths_is_opt.
Qed.

End Renaming.
