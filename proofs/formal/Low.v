(** * Low: how many pages have levels up to i *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Offset Since.
Import ListNotations.

Section Low.

Variable k : nat.
Hypothesis slots : 1 <= k.

Notation level := (levels_of k).
Notation since := (since k).

Definition low (L : levels) (i : nat) (C : cache) : nat := count (fun q => L q <=? i) C.

Lemma low_above L i C : low L i C + above L i C = length C.
Proof.
  clear slots.
  unfold low, above. rewrite <- (count_split (fun q => L q <=? i) C). f_equal. unfold count. f_equal.
  apply filter_ext. intros q. now rewrite Nat.ltb_antisym.
Qed.

Lemma low_optimal L C : length C = k -> (forall i, i <= k -> i <= low L i C) -> optimal k L C.
Proof. clear slots. intros HL H i Hi. specialize (H i Hi). pose proof (low_above L i C). lia. Qed.

Lemma low_of_optimal L C i : length C = k -> optimal k L C -> i <= k -> i <= low L i C.
Proof. clear slots. intros HL H Hi. specialize (H i Hi). pose proof (low_above L i C). lia. Qed.

Lemma low_cons L i p C : low L i (p :: C) = (if L p <=? i then 1 else 0) + low L i C.
Proof. apply count_cons. Qed.

Lemma low_evict L i p C : NoDup C -> In p C ->
  low L i (evict p C) + (if L p <=? i then 1 else 0) = low L i C.
Proof. intros. now apply (count_evict (fun q => L q <=? i)). Qed.

(** The pages since the last growth have the levels 1, 2, ... *)
Lemma low_since σ i : i <= length (since σ) -> low (level σ) i (since σ) = i.
Proof.
  intros Hi. destruct (since_levels k slots σ) as (_ & HM & _ & _). revert Hi HM.
  generalize (since σ). intros Q Hi HM. unfold low, count.
  assert (HC : forall C m, map (level σ) C = seq m (length C) ->
    length (filter (fun q => level σ q <=? i) C) = Nat.min (length C) (S i - m)).
  { induction C as [|x C IH]; intros m H; [reflexivity|]. simpl in H. injection H as Hx HC.
    specialize (IH _ HC). cbn [filter length]. rewrite Hx. destruct (m <=? i) eqn:E.
    - apply Nat.leb_le in E. cbn [length]. rewrite IH. lia.
    - apply Nat.leb_gt in E. rewrite IH. lia. }
  rewrite (HC Q 1 HM). lia.
Qed.

(** Two members of a set with a property of which all but one have it ... are the same. *)
Lemma one_left f C x y : NoDup C -> count f C + 1 = length C ->
  In x C -> f x = false -> In y C -> f y = false -> x = y.
Proof.
  clear slots.
  intros HN HC Hx Fx Hy Fy. destruct (Nat.eq_dec x y) as [|Hn]; [assumption|]. exfalso.
  pose proof (count_evict f x C HN Hx) as E1. rewrite Fx in E1.
  assert (Hy' : In y (evict x C)) by (apply In_evict; auto).
  pose proof (count_evict f y _ (NoDup_evict x C HN) Hy') as E2. rewrite Fy in E2.
  pose proof (length_evict x C HN Hx). pose proof (length_evict y _ (NoDup_evict x C HN) Hy').
  pose proof (count_le_length f (evict y (evict x C))). lia.
Qed.

End Low.
