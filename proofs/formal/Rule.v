(** * Rule: a lazy policy from a rule of eviction

    A rule says which cached pages may be evicted; the policy takes the first one that may. Used to
    show that policies of a kind exist; all that is proved of a kind is proved of all its members. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets.
Import ListNotations.

Section Rule.

Variable k : nat.

(** [rule σ C p q]: after the requests σ, with cache C, page q may be evicted for page p. *)
Variable rule : list page -> cache -> page -> page -> bool.

Definition victim (σ : list page) (C : cache) (p : page) : page :=
  match find (rule σ C p) C with Some q => q | None => hd 0 C end.

Definition next (σ : list page) (C : cache) (p : page) : cache :=
  if mem p C then C
  else if length C <? k then p :: C
  else p :: evict (victim σ C p) C.

Fixpoint play (C : cache) (past future : list page) : cache :=
  match future with
  | [] => C
  | p :: rest => play (next past C p) (past ++ [p]) rest
  end.

Definition by_rule : policy := play [] [].

Lemma play_app C past σ τ : play C past (σ ++ τ) = play (play C past σ) (past ++ σ) τ.
Proof.
  revert C past. induction σ as [|p σ IH]; intros C past; simpl.
  - now rewrite app_nil_r.
  - rewrite IH, <- app_assoc. reflexivity.
Qed.

Lemma by_rule_snoc σ p : by_rule (σ ++ [p]) = next σ (by_rule σ) p.
Proof. unfold by_rule. now rewrite play_app. Qed.

Hypothesis slots : 1 <= k.

Lemma victim_In σ C p : length C = k -> In (victim σ C p) C.
Proof.
  intros H. unfold victim. destruct (find _ C) as [q|] eqn:F.
  - now apply find_some in F.
  - destruct C; simpl in *; [lia | now left].
Qed.

(** If some page may be evicted, the one that is evicted is such. *)
Lemma victim_rule σ C p q : In q C -> rule σ C p q = true -> rule σ C p (victim σ C p) = true.
Proof.
  intros Hq H. unfold victim. destruct (find _ C) as [x|] eqn:F.
  - now apply find_some in F.
  - apply (find_none _ _ F) in Hq. congruence.
Qed.

Lemma next_spec σ C p : fits k C -> fits k (next σ C p) /\ lazy_move k C p (next σ C p).
Proof.
  intros [HN HL]. unfold next. destruct (mem p C) eqn:M.
  - apply mem_In in M. split; [now split | left; split; [exact M | red; tauto]].
  - apply mem_not_In in M. destruct (length C <? k) eqn:L.
    + apply Nat.ltb_lt in L. split; [split; [now constructor | simpl; lia]|].
      right; left. split; [exact M | split; [exact L | red; tauto]].
    + apply Nat.ltb_ge in L. assert (HL' : length C = k) by lia.
      pose proof (victim_In σ C p HL') as HV. split.
      * split; [constructor; [rewrite In_evict; tauto | now apply NoDup_evict]|].
        simpl. pose proof (length_evict _ C HN HV). lia.
      * right; right. split; [exact M | split; [exact HL'|]]. exists (victim σ C p).
        split; [exact HV | red; tauto].
Qed.

Lemma by_rule_fits σ : fits k (by_rule σ).
Proof.
  induction σ as [|σ p IH] using snoc_ind; [split; [constructor | simpl; lia]|].
  rewrite by_rule_snoc. now apply next_spec.
Qed.

Theorem by_rule_lazy l n : lazy l n k by_rule.
Proof.
  assert (H : forall σ p, lazy_move k (by_rule σ) p (by_rule (σ ++ [p]))).
  { intros σ p. rewrite by_rule_snoc. apply next_spec. apply by_rule_fits. }
  split; [split; [reflexivity|]|]; intros σ p _; [|apply H]. split; [apply by_rule_fits|].
  destruct (H σ p) as [[H1 H2]|[(_ & _ & H2)|(_ & _ & q & _ & H2)]]; apply H2; auto; now left.
Qed.

End Rule.
