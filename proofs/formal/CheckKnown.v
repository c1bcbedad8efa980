(** * CheckKnown: checkers of certificates about LRU and FIFO

    proofs/soundness.md, `known_answer`: token 1 is the newest page, then 3, 5, ...; on a miss with a full
    cache the page with the largest token leaves. That this is LRU, and FIFO, of LRU.v is proved here. Main
    theorems: [lru_follows], [fifo_follows]. *)

From Coq Require Import List Arith NArith Lia Bool.
From LayeredPaging Require Import Model Sets Offset LRU Labels Table Claims Machine CheckMachine.
Import ListNotations.

(** The token [t] of another page when a page with the token [old] becomes the newest: 0 is not cached. *)
Definition aged (k old t : nat) : nat :=
  if t =? 0 then 0
  else if old =? 0 then (if 2 * k <? S (S t) then 0 else S (S t))
  else if t <? old then S (S t) else t.

(** [renews]: whether a hit makes a page the newest. *)
Definition known_answer (k : nat) (renews : bool) (s : state) (j : nat) : option (list (list nat)) :=
  match label_at (fst s) j with
  | None => None
  | Some (_, old) =>
      let tokens := each snd (fst s) in
      Some (if renews || (old =? 0) then set_first j 1 (each (aged k old) tokens) else tokens)
  end.

(** ** Tokens of the pages of a list *)

Fixpoint token_of (C : list page) (p : page) (t : nat) : nat :=
  match C with
  | [] => 0
  | c :: r => if p =? c then t else token_of r p (S (S t))
  end.

Lemma token_of_out C p t : ~ In p C -> token_of C p t = 0.
Proof.
  revert t. induction C as [|c r IH]; intros t H; [reflexivity|]. simpl in *.
  destruct (Nat.eqb_spec p c) as [->|]; [tauto|]. apply IH. tauto.
Qed.

Lemma token_of_in C p t : In p C -> t <= token_of C p t /\ Nat.odd (token_of C p t) = Nat.odd t.
Proof.
  revert t. induction C as [|c r IH]; intros t H; [easy|]. simpl.
  destruct (Nat.eqb_spec p c) as [->|Hne]; [now split|].
  destruct (IH (S (S t))) as [H1 H2]; [destruct H; [congruence | assumption]|]. split; [lia | exact H2].
Qed.

Lemma token_of_odd C p : Nat.odd (token_of C p 1) = true <-> In p C.
Proof.
  destruct (in_dec Nat.eq_dec p C) as [H|H].
  - destruct (token_of_in C p 1 H) as [_ ->]. simpl. tauto.
  - rewrite token_of_out by assumption. simpl. split; [discriminate | contradiction].
Qed.

Lemma token_of_firstn m C p t : 1 <= t ->
  token_of (firstn m C) p t = if token_of C p t <? t + 2 * m then token_of C p t else 0.
Proof.
  revert m t. induction C as [|c r IH]; intros m t Ht.
  - rewrite firstn_nil. cbn [token_of]. now destruct (0 <? _).
  - destruct m as [|m].
    + simpl firstn. simpl token_of at 1. destruct (in_dec Nat.eq_dec p (c :: r)) as [H|H].
      * apply (token_of_in _ _ t) in H as [H _]. destruct (Nat.ltb_spec (token_of (c :: r) p t) (t + 2 * 0)); lia.
      * rewrite (token_of_out _ _ _ H). now destruct (0 <? t + 2 * 0).
    + simpl. destruct (Nat.eqb_spec p c) as [->|].
      * assert (E : t <? t + S (m + S (m + 0)) = true) by (apply Nat.ltb_lt; lia). now rewrite E.
      * rewrite IH by lia. replace (S (S t) + 2 * m) with (t + S (m + S (m + 0))) by lia. reflexivity.
Qed.

Lemma token_of_shift C p t : 1 <= t ->
  token_of C p (S (S t)) = if token_of C p t =? 0 then 0 else S (S (token_of C p t)).
Proof.
  revert t. induction C as [|c r IH]; intros t Ht; [reflexivity|]. simpl.
  destruct (Nat.eqb_spec p c) as [->|]; [destruct t; [lia | reflexivity]|]. apply IH. lia.
Qed.

Lemma token_of_evict C x p t : 1 <= t -> NoDup C -> In x C -> p <> x ->
  token_of (evict x C) p (S (S t)) =
  if token_of C p t =? 0 then 0
  else if token_of C p t <? token_of C x t then S (S (token_of C p t)) else token_of C p t.
Proof.
  intros Ht HN Hx Hp. revert t Ht. induction HN as [|c r Hc HN IH]; intros t Ht; [easy|].
  unfold evict in *. simpl. destruct (Nat.eq_dec x c) as [->|Hxc].
  - rewrite notin_remove by assumption. rewrite Nat.eqb_refl.
    destruct (Nat.eqb_spec p c); [contradiction|]. destruct (in_dec Nat.eq_dec p r) as [H|H].
    + apply (token_of_in _ _ (S (S t))) in H as [H _].
      destruct (Nat.eqb_spec (token_of r p (S (S t))) 0); [lia|].
      destruct (Nat.ltb_spec (token_of r p (S (S t))) t); lia.
    + now rewrite (token_of_out _ _ _ H).
  - destruct (Nat.eqb_spec x c); [contradiction|]. destruct Hx as [->|Hx]; [contradiction|]. simpl.
    destruct (Nat.eqb_spec p c) as [->|].
    + apply (token_of_in _ _ (S (S t))) in Hx as [Hx _].
      destruct (Nat.eqb_spec t 0); [lia|]. destruct (Nat.ltb_spec t (token_of r x (S (S t)))); lia.
    + apply IH; [exact Hx | lia].
Qed.

(** The page [x] comes to the front of a list of at most k pages. *)
Lemma token_of_front k C x p : 1 <= k -> NoDup C -> length C <= k -> p <> x ->
  token_of (firstn k (x :: evict x C)) p 1 = aged k (token_of C x 1) (token_of C p 1).
Proof.
  intros Hk HN HL Hp. destruct k as [|k]; [lia|]. simpl firstn. simpl token_of at 1.
  destruct (Nat.eqb_spec p x); [contradiction|]. unfold aged.
  destruct (in_dec Nat.eq_dec x C) as [Hx|Hx].
  - rewrite firstn_all2 by (pose proof (length_evict x C HN Hx); lia).
    rewrite token_of_evict by auto. apply (token_of_in _ _ 1) in Hx as [Hx _].
    destruct (Nat.eqb_spec (token_of C x 1) 0); [lia | reflexivity].
  - rewrite (token_of_out C x 1 Hx). simpl (0 =? 0). unfold evict. rewrite notin_remove by assumption.
    rewrite token_of_firstn by lia. rewrite token_of_shift by lia.
    destruct (Nat.eqb_spec (token_of C p 1) 0) as [|E]; [now destruct (_ <? _)|].
    destruct (Nat.ltb_spec (S (S (token_of C p 1))) (3 + 2 * k)), (Nat.ltb_spec (2 * S k) (S (S (token_of C p 1)))); lia.
Qed.

(** ** The machine is the policy *)

Section Known.

Variables l n k : nat.
Hypothesis layers : 1 <= l.
Hypothesis experts : 1 <= n.
Hypothesis slots : 1 <= k.

Variable renews : bool.

Let answer := known_answer k renews.

(** The list of LRU, or of FIFO. *)
Let known : policy := if renews then LRU k else FIFO k.

Let tokens_are (σ : list page) (m : machine) : Prop := forall p, p < l * n -> snd (lab m p) = token_of (known σ) p 1.

Lemma known_fits σ : fits k (known σ).
Proof. unfold known. destruct renews; [now apply LRU_fits | now apply FIFO_fits]. Qed.

Lemma token_in_map (pages : list page) (f : page -> nat) p : In p pages -> token_in pages (map f pages) p = f p.
Proof.
  intros H. unfold token_in. induction pages as [|a r IH]; [easy|]. simpl.
  destruct (Nat.eqb_spec a p) as [->|]; [reflexivity|]. apply IH. destruct H; [contradiction | assumption].
Qed.

Lemma known_tokens σ m : layered l n σ -> run l n k answer [] [] (seq 1 k) σ = Some m -> tokens_are σ m.
Proof.
  revert m. induction σ as [|σ x IH] using snoc_ind; intros m Hσ Hm.
  - injection Hm as <-. intros p _. unfold known. destruct renews; simpl; now destruct p.
  - pose proof (layered_prefix _ _ _ _ Hσ) as Hσ'.
    rewrite run_snoc in Hm. destruct (run l n k answer [] [] (seq 1 k) σ) as [m0|] eqn:H0; [|discriminate].
    simpl in Hm. specialize (IH m0 Hσ' eq_refl).
    assert (Ha : after l n k answer [] [] (seq 1 k) σ m0).
    { apply run_after; auto. apply Nat.mod_0_l. lia. }
    destruct (real_tokens l n k layers answer [] [] (seq 1 k) σ m0 x m Ha Hσ Hm)
      as (row & rest & j & ts & HA & Hj & HV & Hans & HT & _).
    intros p Hp. rewrite HT. apply layered_last in Hσ as [Hx _].
    unfold answer, known_answer in Hans. rewrite <- HV in Hans. simpl in Hans. rewrite nth_error_map, Hj in Hans.
    simpl in Hans. destruct (lab m0 x) as [lev old] eqn:Ex.
    assert (Eo : old = token_of (known σ) x 1) by (rewrite <- (IH x Hx), Ex; reflexivity).
    pose proof (known_fits σ) as [HN HL].
    assert (HI : In p (concat (row :: rest))) by now apply (arranged_In l n layers _ _ p HA).
    destruct (renews || (old =? 0)) eqn:R.
    + assert (Ets : ts = each (fun p => if p =? x then 1 else aged k old (snd (lab m0 p))) (row :: rest)).
      { injection Hans as <-. symmetry.
        rewrite (set_first_each _ (fun p => aged k old (snd (lab m0 p))) row rest j x (proj1 (proj2 HA)) Hj).
        - rewrite Nat.eqb_refl, !each_each. simpl. now rewrite !map_map.
        - intros q Hq. destruct (Nat.eqb_spec q x); [contradiction | reflexivity]. }
      rewrite Ets. unfold each. rewrite <- concat_map, token_in_map by exact HI. cbv beta.
      assert (Ek : known (σ ++ [x]) = firstn k (x :: evict x (known σ))).
      { unfold known in *. destruct renews.
        - now rewrite LRU_snoc.
        - simpl in R. apply Nat.eqb_eq in R. rewrite FIFO_snoc. unfold fifo_step.
          assert (Hout : ~ In x (FIFO k σ)).
          { intros H. apply (token_of_in _ _ 1) in H as [H _]. lia. }
          unfold evict. rewrite notin_remove by assumption. apply mem_not_In in Hout. now rewrite Hout. }
      rewrite Ek. destruct (Nat.eqb_spec p x) as [->|Hne].
      * destruct k; [lia|]. simpl. now rewrite Nat.eqb_refl.
      * rewrite (IH p Hp), Eo. symmetry. now apply token_of_front.
    + injection Hans as <-. apply orb_false_elim in R as [R R']. apply Nat.eqb_neq in R'.
      assert (E : concat (each snd (each (lab m0) (row :: rest))) =
        map (fun p => snd (lab m0 p)) (concat (row :: rest))).
      { rewrite each_each. unfold each. now rewrite concat_map. }
      simpl each in E. rewrite E.
      rewrite token_in_map by exact HI. rewrite (IH p Hp). unfold known in *. rewrite R in *.
      rewrite FIFO_snoc. unfold fifo_step. destruct (mem x (FIFO k σ)) eqn:M; [reflexivity|].
      apply mem_not_In in M. rewrite (token_of_out _ _ _ M) in Eo. lia.
Qed.

Lemma known_bounded σ p : layered l n σ -> In p (known σ) -> p < l * n.
Proof.
  induction σ as [|σ x IH] using snoc_ind; intros Hσ Hp.
  - unfold known in Hp. destruct renews; now simpl in Hp.
  - pose proof (layered_prefix _ _ _ _ Hσ) as Hσ'. apply layered_last in Hσ as [Hx _].
    assert (H : p = x \/ In p (known σ)).
    { unfold known in *. destruct renews.
      - rewrite LRU_snoc in Hp. apply In_firstn_k in Hp as [->|Hp]; [now left|]. apply In_evict in Hp. tauto.
      - rewrite FIFO_snoc in Hp. unfold fifo_step in Hp. destruct (mem x (FIFO k σ)); [now right|].
        apply In_firstn_k in Hp as [->|Hp]; auto. }
    destruct H as [->|H]; auto.
Qed.

Theorem known_follows : follows l n k answer [] [] (seq 1 k) known.
Proof.
  split; [unfold known; now destruct renews|]. intros σ m _ Hσ Hm. split; [exact (proj1 (known_fits σ))|].
  pose proof (known_tokens σ m Hσ Hm) as H. intros p. rewrite (cached_In l n layers). split.
  - intros Hp. pose proof (known_bounded σ p Hσ Hp) as Hl. split; [exact Hl|].
    rewrite (H p Hl). now apply token_of_odd.
  - intros [Hl Ho]. rewrite (H p Hl) in Ho. now apply token_of_odd in Ho.
Qed.

End Known.

(** ** The checkers *)

(** The policies that are known: LRU and FIFO of LRU.v. *)
Definition known (k : nat) (renews : bool) : policy := if renews then LRU k else FIFO k.

Definition check_known_upper (l n k : nat) (renews : bool) := empty_upper l n k (known_answer k renews) [].
Definition check_known_lower (l n k : nat) (renews : bool) := empty_lower l n k (known_answer k renews) [].
Definition check_known_infinite (l n k : nat) (renews : bool) := empty_infinite l n k (known_answer k renews) [].

Theorem check_known_upper_sound l n k renews p q d entries : check_known_upper l n k renews p q d entries = true ->
  competitive l n k (known k renews) (N.to_nat p) (N.to_nat q).
Proof.
  intros H. apply (empty_upper_sound _ _ _ _ _ _ _ _ _ H). unfold check_known_upper, empty_upper in H.
  apply andb_prop in H as [_ H]. apply upper_ready, ready_spec in H as (Hl & Hn & Hk & _). now apply known_follows.
Qed.

Lemma cycle_ready l n k answer first prefix cycle good : cycle_is l n k answer first prefix cycle good = true ->
  1 <= l /\ 1 <= n /\ 1 <= k.
Proof. intros H. apply andb_prop in H as [H _]. apply ready_spec in H. tauto. Qed.

Theorem check_known_lower_sound l n k renews p q prefix cycle :
  check_known_lower l n k renews p q prefix cycle = true ->
  ratio_at_least l n k (known k renews) (N.to_nat p) (N.to_nat q).
Proof.
  intros H. apply (empty_lower_sound _ _ _ _ _ _ _ _ _ H). apply cycle_ready in H as (Hl & Hn & Hk).
  now apply known_follows.
Qed.

Theorem check_known_infinite_sound l n k renews prefix cycle :
  check_known_infinite l n k renews prefix cycle = true -> no_finite_ratio l n k (known k renews).
Proof.
  intros H. apply (empty_infinite_sound _ _ _ _ _ _ _ H). apply cycle_ready in H as (Hl & Hn & Hk).
  now apply known_follows.
Qed.
