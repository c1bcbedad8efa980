(** * LazyFacts: what lazy policies have in common *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets.
Import ListNotations.

Section LazyFacts.

Variables l n k : nat.
Variable A : policy.
Hypothesis A_lazy : lazy l n k A.

Lemma lazy_legal : legal l n k A.
Proof. apply A_lazy. Qed.

Lemma lazy_fits σ : layered l n σ -> fits k (A σ).
Proof.
  destruct A_lazy as [[H0 H] _]. destruct σ as [|p σ] using rev_ind; intros Hσ.
  - rewrite H0. split; [constructor | simpl; lia].
  - now apply H.
Qed.

Lemma lazy_In σ p : layered l n (σ ++ [p]) -> In p (A (σ ++ [p])).
Proof. intros Hσ. now apply A_lazy. Qed.

(** A hit is free and changes nothing. *)
Lemma lazy_hit σ p : layered l n (σ ++ [p]) -> In p (A σ) ->
  same (A (σ ++ [p])) (A σ) /\ cost A (σ ++ [p]) = cost A σ.
Proof.
  intros Hσ Hp. destruct A_lazy as [_ HM].
  destruct (HM σ p Hσ) as [[_ H]|[[H _]|[H _]]]; try contradiction. split; [exact H|].
  rewrite cost_snoc, loads_refl; [lia|]. intros q Hq. now apply H.
Qed.

(** A miss costs one. *)
Lemma lazy_miss σ p : layered l n (σ ++ [p]) -> ~ In p (A σ) ->
  cost A (σ ++ [p]) = cost A σ + 1.
Proof.
  intros Hσ Hp. destruct A_lazy as [_ HM]. rewrite cost_snoc. f_equal. apply Nat.le_antisymm.
  - destruct (lazy_fits (σ ++ [p]) Hσ) as [HN _]. apply (loads_one _ _ p HN). intros q Hq.
    destruct (HM σ p Hσ) as [[? _]|[(_ & _ & H)|(_ & _ & v & _ & H)]]; [contradiction| |].
    + destruct (proj1 (H q) Hq) as [E|Hc]; auto.
    + destruct (proj1 (H q) Hq) as [E|Hc]; auto. apply In_evict in Hc. tauto.
  - apply (loads_miss _ _ p); [now apply lazy_In | exact Hp].
Qed.

(** A page enters when it is requested, and only then. *)
Lemma lazy_enters σ p q : layered l n (σ ++ [p]) -> In q (A (σ ++ [p])) -> q = p \/ In q (A σ).
Proof.
  intros Hσ Hq. destruct A_lazy as [_ HM].
  destruct (HM σ p Hσ) as [[_ H]|[(_ & _ & H)|(_ & _ & v & _ & H)]]; apply (H q) in Hq.
  - now right.
  - destruct Hq as [E|Hc]; auto.
  - destruct Hq as [E|Hc]; auto. apply In_evict in Hc. tauto.
Qed.

(** Every cached page was requested. *)
Lemma lazy_requested σ : layered l n σ -> incl (A σ) σ.
Proof.
  induction σ as [|σ p IH] using snoc_ind; intros Hσ q Hq.
  - destruct A_lazy as [[H0 _] _]. rewrite H0 in Hq. contradiction.
  - apply in_or_app. apply (lazy_enters σ p q Hσ) in Hq as [->|Hq]; [right; now left | left].
    apply IH; [now apply layered_prefix in Hσ | exact Hq].
Qed.

Lemma lazy_length σ p : layered l n (σ ++ [p]) -> ~ In p (A σ) -> length (A σ) < k ->
  length (A (σ ++ [p])) = S (length (A σ)).
Proof.
  intros Hσ Hp HL. destruct A_lazy as [_ HM].
  destruct (HM σ p Hσ) as [[? _]|[(_ & _ & H)|(_ & H' & _)]]; [contradiction| |lia].
  pose proof (lazy_fits _ (layered_prefix _ _ _ _ Hσ)) as [HN _].
  destruct (lazy_fits _ Hσ) as [HN' _].
  rewrite (same_length _ (p :: A σ) HN'); [reflexivity | now constructor | exact H].
Qed.

(** Full remains full. *)
Lemma lazy_full σ p : layered l n (σ ++ [p]) -> length (A σ) = k -> length (A (σ ++ [p])) = k.
Proof.
  intros Hσ HL. destruct A_lazy as [_ HM].
  pose proof (lazy_fits _ (layered_prefix _ _ _ _ Hσ)) as [HN _].
  destruct (lazy_fits _ Hσ) as [HN' _].
  destruct (HM σ p Hσ) as [[_ H]|[(_ & ? & _)|(Hp & _ & v & Hv & H)]]; [|lia|].
  - now rewrite (same_length _ _ HN' HN H).
  - rewrite (same_length _ (p :: evict v (A σ)) HN'); [|constructor|exact H].
    + simpl. pose proof (length_evict v _ HN Hv). lia.
    + rewrite In_evict. tauto.
    + now apply NoDup_evict.
Qed.

(** While a slot is empty nothing has been evicted: every page requested is cached. *)
Lemma lazy_not_full σ : layered l n σ -> length (A σ) < k -> incl σ (A σ).
Proof.
  induction σ as [|σ p IH] using snoc_ind; intros Hσ HL q Hq; [easy|].
  pose proof (layered_prefix _ _ _ _ Hσ) as Hσ'. destruct A_lazy as [_ HM].
  destruct (lazy_fits σ Hσ') as [HN HK].
  assert (HL' : length (A σ) < k).
  { destruct (Nat.eq_dec (length (A σ)) k) as [E|]; [|lia].
    pose proof (lazy_full σ p Hσ E). lia. }
  apply in_app_or in Hq as [Hq|[<-|[]]]; [|now apply lazy_In].
  apply (IH Hσ' HL') in Hq. destruct (HM σ p Hσ) as [[_ H]|[(_ & _ & H)|(_ & ? & _)]]; [| |lia].
  - now apply H.
  - apply H. now right.
Qed.

End LazyFacts.
