(** * Lazy: moves beyond the lazy ones gain nothing

    Main theorems: [lazy_schedules_are_enough], the least cost of a lazy schedule is OPT;
    [lazify_costs_no_more], every policy has a lazy one, online as well, that pays no more on any
    sequence. So the model, which allows everything, and the project's, which is lazy, have the same
    OPT and the same best ratios. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets.
Import ListNotations.

Section Lazy.

Variable k : nat.

(** A schedule whose moves are lazy. *)
Inductive lazy_schedule : list page -> cache -> nat -> Prop :=
| lazy_start : lazy_schedule [] [] 0
| lazy_serve σ C c p C' :
    lazy_schedule σ C c -> fits k C' -> lazy_move k C p C' ->
    lazy_schedule (σ ++ [p]) C' (c + loads C C').

(** A page of [D] that [C] does not hold. *)
Definition spare (D C : cache) : page :=
  match find (fun q => negb (mem q C)) D with Some q => q | None => 0 end.

(** The lazy move of a cache [D] that follows another one, which now is [C]. *)
Definition lazy_next (D : cache) (p : page) (C : cache) : cache :=
  if mem p D then D
  else if length D <? k then p :: D
  else p :: evict (spare D C) D.

Lemma spare_spec D C p :
  length C <= k -> length D = k -> NoDup D -> In p C -> ~ In p D ->
  In (spare D C) D /\ ~ In (spare D C) C.
Proof.
  intros HC HD HN Hp Hd. unfold spare. destruct (find _ D) as [q|] eqn:F.
  - apply find_some in F as [F1 F2]. split; [exact F1|]. apply mem_not_In.
    now destruct (mem q C).
  - exfalso. assert (incl D C).
    { intros q Hq. apply (find_none _ _ F) in Hq. apply mem_In. now destruct (mem q C). }
    apply Hd. apply (NoDup_incl_full D C); auto. lia.
Qed.

Lemma loads_falls D D' C p :
  NoDup C -> In p C -> ~ In p D -> (forall q, In q C -> ~ In q D' -> q <> p /\ ~ In q D) ->
  loads D' C + 1 <= loads D C.
Proof.
  intros HN Hp Hd H. rewrite !loads_count.
  rewrite <- (count_evict (fun q => negb (mem q D)) p C HN Hp).
  apply mem_not_In in Hd. cbv beta. rewrite Hd. simpl. apply Nat.add_le_mono_r.
  apply count_le; [exact HN|]. intros q Hq Hm. destruct (H q Hq) as [H1 H2].
  { apply mem_not_In. now destruct (mem q D'). }
  split; [now apply In_evict|]. apply mem_not_In in H2. now rewrite H2.
Qed.

Lemma lazy_next_spec D p C : fits k D -> fits k C -> In p C ->
  let D' := lazy_next D p C in
  lazy_move k D p D' /\ fits k D' /\ In p D' /\ loads D D' + loads D' C <= loads D C.
Proof.
  intros [HDn HDl] [HCn HCl] Hp. unfold lazy_next. cbv zeta. destruct (mem p D) eqn:M.
  - apply mem_In in M. split; [left; split; [exact M | red; tauto]|].
    split; [now split|]. split; [exact M|]. rewrite (loads_refl D D); [lia | apply incl_refl].
  - apply mem_not_In in M. destruct (length D <? k) eqn:L.
    + apply Nat.ltb_lt in L. split; [right; left; split; [|split]; auto; red; tauto|].
      split; [split; [now constructor | simpl; lia]|]. split; [now left|].
      pose proof (loads_one D (p :: D) p) as H1.
      pose proof (loads_falls D (p :: D) C p HCn Hp M) as H2.
      assert (loads D (p :: D) <= 1).
      { apply H1; [now constructor|]. simpl. intuition. }
      assert (loads (p :: D) C + 1 <= loads D C); [|lia].
      apply H2. simpl. intuition.
    + apply Nat.ltb_ge in L. assert (HL : length D = k) by lia.
      destruct (spare_spec D C p HCl HL HDn Hp M) as [S1 S2].
      set (s := spare D C) in *.
      assert (HN' : NoDup (p :: evict s D)).
      { constructor; [rewrite In_evict; tauto | now apply NoDup_evict]. }
      split; [right; right; split; [|split]; auto; exists s; split; [auto | red; tauto]|].
      split; [split; [exact HN'|]; simpl; pose proof (length_evict s D HDn S1); lia|].
      split; [now left|].
      assert (loads D (p :: evict s D) <= 1).
      { apply (loads_one _ _ p HN'). intros q [->|Hq]; [now left|]. apply In_evict in Hq. tauto. }
      assert (loads (p :: evict s D) C + 1 <= loads D C); [|lia].
      apply (loads_falls _ _ _ p); auto. intros q Hq Hn. split.
      * intros ->. apply Hn. now left.
      * intros Hd. apply Hn. right. apply In_evict. split; [exact Hd|]. intros ->. contradiction.
Qed.

Lemma loads_triangle C D E : NoDup E -> loads C E <= loads C D + loads D E.
Proof. intros HN. rewrite (loads_count C E), (loads_count C D). now apply count_loads. Qed.

(** Every schedule has a lazy one beside it that never paid more, even with what it lacks added. *)
Lemma lazy_beside σ C c : schedule k σ C c ->
  exists D d, lazy_schedule σ D d /\ d + loads D C <= c.
Proof.
  induction 1 as [|σ C c p C' HS (D & d & HD & Hc) [HN HL] Hp].
  { exists [], 0. split; [constructor | auto]. }
  assert (HF : fits k D) by (destruct HD; [split; [constructor | simpl; lia] | assumption]).
  destruct (lazy_next_spec D p C' HF (conj HN HL) Hp) as (H1 & H2 & H3 & H4).
  exists (lazy_next D p C'), (d + loads D (lazy_next D p C')). split; [now constructor|].
  pose proof (loads_triangle D C C' HN). lia.
Qed.

Theorem lazy_schedules_are_enough σ m : is_opt k σ m ->
  (exists D, lazy_schedule σ D m) /\ (forall D d, lazy_schedule σ D d -> m <= d).
Proof.
  intros [[C HC] LB].
  assert (W : forall D d, lazy_schedule σ D d -> schedule k σ D d).
  { clear. induction 1 as [|σ C c p C' HL IH HF HM]; [constructor|]. constructor; auto.
    destruct HM as [[H1 H2]|[(_ & _ & H2)|(_ & _ & q & _ & H2)]]; apply H2; auto; now left. }
  split; [|intros D d H; eauto].
  destruct (lazy_beside σ C m HC) as (D & d & HD & Hd). exists D.
  replace m with d; [exact HD|]. specialize (LB D d (W D d HD)). lia.
Qed.

(** ** Policies *)

Fixpoint follow (A : policy) (D : cache) (past future : list page) : cache :=
  match future with
  | [] => D
  | p :: rest => follow A (lazy_next D p (A (past ++ [p]))) (past ++ [p]) rest
  end.

(** The lazy policy that follows [A]: online, as it asks for no more than the past. *)
Definition lazify (A : policy) : policy := follow A [] [].

Lemma follow_app A D past σ τ :
  follow A D past (σ ++ τ) = follow A (follow A D past σ) (past ++ σ) τ.
Proof.
  revert D past. induction σ as [|p σ IH]; intros D past; simpl.
  - now rewrite app_nil_r.
  - rewrite IH, <- app_assoc. reflexivity.
Qed.

Lemma lazify_snoc A σ p : lazify A (σ ++ [p]) = lazy_next (lazify A σ) p (A (σ ++ [p])).
Proof. unfold lazify. now rewrite follow_app. Qed.

Lemma lazify_facts l n A σ : legal l n k A -> layered l n σ ->
  fits k (lazify A σ) /\ cost (lazify A) σ + loads (lazify A σ) (A σ) <= cost A σ.
Proof.
  intros HA. pose proof HA as [H0 HA']. induction σ as [|σ p IH] using snoc_ind; intros Hσ.
  { rewrite H0. split; [split; [constructor | simpl; lia] | auto]. }
  destruct IH as [HF HC]; [now apply layered_prefix in Hσ|]. destruct (HA' σ p Hσ) as [HF' Hp].
  destruct (lazy_next_spec (lazify A σ) p (A (σ ++ [p])) HF HF' Hp) as (_ & H2 & _ & H4).
  rewrite !cost_snoc, lazify_snoc. split; [exact H2|].
  pose proof (loads_triangle (lazify A σ) (A σ) (A (σ ++ [p])) (proj1 HF')). lia.
Qed.

Theorem lazify_costs_no_more l n A : legal l n k A ->
  lazy l n k (lazify A) /\ forall σ, layered l n σ -> cost (lazify A) σ <= cost A σ.
Proof.
  intros HA. split.
  - assert (H : forall σ p, layered l n (σ ++ [p]) ->
      lazy_move k (lazify A σ) p (lazify A (σ ++ [p])) /\
      fits k (lazify A (σ ++ [p])) /\ In p (lazify A (σ ++ [p]))).
    { intros σ p Hσ. destruct (lazify_facts l n A σ HA) as [HF _].
      { now apply layered_prefix in Hσ. }
      destruct (proj2 HA σ p Hσ) as [HF' Hp]. rewrite lazify_snoc.
      destruct (lazy_next_spec (lazify A σ) p (A (σ ++ [p])) HF HF' Hp) as (H1 & H2 & H3 & _).
      auto. }
    split; [split; [reflexivity|]|]; intros σ p Hσ; now apply H.
  - intros σ Hσ. destruct (lazify_facts l n A σ HA Hσ). lia.
Qed.

(** So a lower bound on the ratios of lazy policies is one for all. *)
Corollary competitive_lazify l n A p q :
  legal l n k A -> competitive l n k A p q -> competitive l n k (lazify A) p q.
Proof.
  intros HA [c H]. exists c. intros σ m Hσ Hm. specialize (H σ m Hσ Hm).
  destruct (lazify_costs_no_more l n A HA) as [_ HL]. specialize (HL σ Hσ).
  apply Nat.le_trans with (q * cost A σ); [|exact H]. now apply Nat.mul_le_mono_l.
Qed.

End Lazy.
