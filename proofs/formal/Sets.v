(** * Sets: counting in lists without repetition

    Helpers that are about finite sets only, not about paging. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model.
Import ListNotations.

Lemma mem_In p C : mem p C = true <-> In p C.
Proof.
  unfold mem. rewrite existsb_exists. split.
  - intros (x & Hx & E). apply Nat.eqb_eq in E. now subst.
  - intros H. exists p. split; [exact H | apply Nat.eqb_refl].
Qed.

Lemma mem_not_In p C : mem p C = false <-> ~ In p C.
Proof. rewrite <- mem_In. destruct (mem p C); split; congruence. Qed.

(** How many members of [C] have property [f]. *)
Definition count (f : page -> bool) (C : cache) : nat := length (filter f C).

Lemma count_nil f : count f [] = 0.
Proof. reflexivity. Qed.

Lemma count_cons f p C : count f (p :: C) = (if f p then 1 else 0) + count f C.
Proof. unfold count. simpl. destruct (f p); reflexivity. Qed.

Lemma count_le_length f C : count f C <= length C.
Proof. induction C as [|x C IH]; [auto|]. rewrite count_cons. simpl. destruct (f x); lia. Qed.

Lemma count_true f C : (forall q, In q C -> f q = true) -> count f C = length C.
Proof.
  intros H. induction C as [|x C IH]; [reflexivity|].
  rewrite count_cons, (H x) by now left. simpl. rewrite IH; [lia|].
  intros q Hq. apply H. now right.
Qed.

Lemma count_false f C : (forall q, In q C -> f q = false) -> count f C = 0.
Proof.
  intros H. induction C as [|x C IH]; [reflexivity|].
  rewrite count_cons, (H x) by now left. simpl. apply IH. intros q Hq. apply H. now right.
Qed.

(** Counting is monotone: in the set, and in the property. *)
Lemma count_le f g C D :
  NoDup C -> (forall q, In q C -> f q = true -> In q D /\ g q = true) -> count f C <= count g D.
Proof.
  intros HN H. unfold count. apply NoDup_incl_length.
  - now apply NoDup_filter.
  - intros q Hq. apply filter_In in Hq as [Hq Hf]. apply filter_In. now apply H.
Qed.

Lemma count_imp f g C : (forall q, In q C -> f q = true -> g q = true) -> count f C <= count g C.
Proof.
  intros H. induction C as [|x C IH]; [auto|]. rewrite !count_cons.
  assert (IH' : count f C <= count g C) by (apply IH; intros q Hq; apply H; now right).
  destruct (f x) eqn:E; [rewrite (H x (or_introl eq_refl) E) |]; destruct (g x); lia.
Qed.

Lemma count_split f C : count f C + count (fun q => negb (f q)) C = length C.
Proof. induction C as [|x C IH]; [reflexivity|]. rewrite !count_cons. simpl. destruct (f x); simpl; lia. Qed.

Lemma count_pos f C : 1 <= count f C -> exists q, In q C /\ f q = true.
Proof.
  unfold count. destruct (filter f C) as [|q r] eqn:E; simpl; [lia|].
  intros _. exists q. apply filter_In. rewrite E. now left.
Qed.

Lemma count_In f C q : In q C -> f q = true -> 1 <= count f C.
Proof.
  intros H Hf. unfold count. assert (In q (filter f C)) by now apply filter_In.
  destruct (filter f C); [contradiction | simpl; lia].
Qed.

(** [count f] loses exactly one when one member that has the property leaves. *)
Lemma count_evict f p C : NoDup C -> In p C ->
  count f (evict p C) + (if f p then 1 else 0) = count f C.
Proof.
  intros HN. induction C as [|x C IH]; [easy|]. inversion_clear HN. intros [->|Hp].
  - unfold evict. simpl. destruct (Nat.eq_dec p p); [|easy].
    rewrite notin_remove by assumption. rewrite count_cons. lia.
  - unfold evict in *. simpl. destruct (Nat.eq_dec p x) as [->|]; [contradiction|].
    rewrite !count_cons. rewrite <- IH by assumption. lia.
Qed.

Lemma In_evict q p C : In q (evict p C) <-> In q C /\ q <> p.
Proof.
  unfold evict. split.
  - intros H. now apply in_remove in H.
  - intros [H1 H2]. now apply in_in_remove.
Qed.

Lemma NoDup_evict p C : NoDup C -> NoDup (evict p C).
Proof.
  induction 1 as [|x C Hx HN IH]; [constructor|]. unfold evict in *. simpl.
  destruct (Nat.eq_dec p x); [exact IH|]. constructor; [|exact IH].
  intros H. apply in_remove in H. now apply Hx.
Qed.

Lemma length_evict p C : NoDup C -> In p C -> S (length (evict p C)) = length C.
Proof.
  intros HN Hp. pose proof (count_evict (fun _ => true) p C HN Hp) as H.
  rewrite !count_true in H by reflexivity. lia.
Qed.

Lemma length_evict_le p C : length (evict p C) <= length C.
Proof.
  induction C as [|x C IH]; [auto|]. unfold evict in *. simpl.
  destruct (Nat.eq_dec p x); simpl; lia.
Qed.

(** More pages than slots: one of them is missing. *)
Lemma missing (W C : cache) : NoDup W -> length C < length W -> exists h, In h W /\ ~ In h C.
Proof.
  intros HN HL. destruct (existsb (fun h => negb (mem h C)) W) eqn:E.
  - apply existsb_exists in E as (h & H1 & H2). exists h. split; [exact H1|].
    apply mem_not_In. now destruct (mem h C).
  - exfalso. assert (incl W C).
    { intros h Hh. apply mem_In. destruct (mem h C) eqn:M; [reflexivity|].
      assert (existsb (fun h => negb (mem h C)) W = true); [|congruence].
      apply existsb_exists. exists h. now rewrite M. }
    assert (length W <= length C) by now apply NoDup_incl_length. lia.
Qed.

Lemma NoDup_incl_full (W C : cache) :
  NoDup W -> incl W C -> length C <= length W -> incl C W.
Proof. intros. now apply NoDup_length_incl. Qed.

Lemma same_length C D : NoDup C -> NoDup D -> same C D -> length C = length D.
Proof.
  intros HC HD H. apply Nat.le_antisymm; apply NoDup_incl_length; auto; intros q Hq; now apply H.
Qed.

(** ** Loads *)

Lemma loads_count C D : loads C D = count (fun p => negb (mem p C)) D.
Proof. reflexivity. Qed.

Lemma loads_refl C D : incl D C -> loads C D = 0.
Proof.
  intros H. rewrite loads_count. apply count_false. intros q Hq.
  apply H in Hq. apply mem_In in Hq. now rewrite Hq.
Qed.

Lemma loads_one C D p : NoDup D -> (forall q, In q D -> q = p \/ In q C) -> loads C D <= 1.
Proof.
  intros HN H. rewrite loads_count.
  apply Nat.le_trans with (count (fun _ => true) [p]); [|reflexivity].
  apply count_le; [exact HN|]. intros q Hq Hm. split; [|reflexivity].
  destruct (H q Hq) as [->|Hc]; [now left|]. apply mem_In in Hc. rewrite Hc in Hm. discriminate.
Qed.

Lemma loads_miss C D p : In p D -> ~ In p C -> 1 <= loads C D.
Proof.
  intros HD HC. rewrite loads_count. apply (count_In _ _ p HD).
  apply mem_not_In in HC. now rewrite HC.
Qed.

(** Whatever is counted, it grows by at most the number of pages loaded. *)
Lemma count_loads f C D : NoDup D -> count f D <= count f C + loads C D.
Proof.
  intros HN. rewrite loads_count.
  assert (count f D <= count (fun q => f q && mem q C) D + count (fun q => negb (mem q C)) D).
  { clear. induction D as [|x D IH]; [auto|]. rewrite !count_cons.
    destruct (f x), (mem x C); simpl; lia. }
  assert (count (fun q => f q && mem q C) D <= count f C); [|lia].
  apply count_le; [exact HN|]. intros q _ E. apply andb_prop in E as [E1 E2].
  split; [now apply mem_In | exact E1].
Qed.

(** ** Costs and schedules, request by request *)

Lemma cost_after_app A past σ τ :
  cost_after A past (σ ++ τ) = cost_after A past σ + cost_after A (past ++ σ) τ.
Proof.
  revert past. induction σ as [|p σ IH]; intros past; simpl.
  - now rewrite app_nil_r.
  - rewrite IH, <- app_assoc. simpl. lia.
Qed.

Lemma cost_snoc A σ p : cost A (σ ++ [p]) = cost A σ + loads (A σ) (A (σ ++ [p])).
Proof. unfold cost. rewrite cost_after_app. simpl. lia. Qed.

Lemma cost_mono A σ τ : cost A σ <= cost A (σ ++ τ).
Proof. unfold cost. rewrite cost_after_app. lia. Qed.

Lemma layered_prefix l n σ τ : layered l n (σ ++ τ) -> layered l n σ.
Proof.
  intros H t p E. apply H. rewrite nth_error_app1; [exact E|].
  apply nth_error_Some. congruence.
Qed.

Lemma layered_nil l n : layered l n [].
Proof. intros [|t] p E; discriminate. Qed.

Lemma layered_snoc l n σ p :
  layered l n σ -> p < l * n -> layer n p = length σ mod l -> layered l n (σ ++ [p]).
Proof.
  intros H Hp Hl t q E. destruct (Nat.lt_ge_cases t (length σ)) as [Hlt|Hge].
  - rewrite nth_error_app1 in E by assumption. now apply H.
  - rewrite nth_error_app2 in E by assumption.
    destruct (t - length σ) as [|d] eqn:D; simpl in E; [|destruct d; discriminate].
    injection E as <-. replace t with (length σ) by lia. now split.
Qed.

Lemma layered_last l n σ p :
  layered l n (σ ++ [p]) -> p < l * n /\ layer n p = length σ mod l.
Proof.
  intros H. apply H. rewrite nth_error_app2 by lia. now rewrite Nat.sub_diag.
Qed.

(** Induction from the left end of time: a sequence is empty, or one request longer. *)
Lemma snoc_ind (P : list page -> Prop) :
  P [] -> (forall σ p, P σ -> P (σ ++ [p])) -> forall σ, P σ.
Proof. intros H0 HS. apply rev_ind; auto. Qed.

Lemma schedule_fits k σ C c : schedule k σ C c -> fits k C.
Proof. destruct 1; [|assumption]. split; [constructor | simpl; lia]. Qed.

(** The schedule of a legal policy. *)
Lemma policy_schedule l n k A σ :
  legal l n k A -> layered l n σ -> schedule k σ (A σ) (cost A σ).
Proof.
  intros [H0 HA]. induction σ as [|σ p IH] using snoc_ind; intros Hσ.
  - rewrite H0. constructor.
  - rewrite cost_snoc. destruct (HA σ p Hσ). constructor; auto.
    apply IH. now apply layered_prefix in Hσ.
Qed.

Lemma schedule_snoc_inv k σ p D d :
  schedule k (σ ++ [p]) D d ->
  exists C c, schedule k σ C c /\ fits k D /\ In p D /\ d = c + loads C D.
Proof.
  intros H. inversion H as [E | σ' C c p' C' HS HF HI E].
  - destruct σ; discriminate.
  - apply app_inj_tail in E as [-> ->]. exists C, c. auto.
Qed.

Lemma is_opt_unique k σ m m' : is_opt k σ m -> is_opt k σ m' -> m = m'.
Proof.
  intros [[C H] L] [[C' H'] L']. apply Nat.le_antisymm; eauto.
Qed.

(** Pages requested at several times, if no two of them are one page. *)
Lemma NoDup_map_times (P : nat -> page) ts :
  NoDup ts -> (forall s t, In s ts -> In t ts -> s < t -> P s <> P t) -> NoDup (map P ts).
Proof.
  induction 1 as [|t ts Ht HN IH]; intros H; simpl; constructor.
  - rewrite in_map_iff. intros (s & E & Hs). destruct (Nat.lt_trichotomy s t) as [Hlt|[->|Hlt]].
    + apply (H s t); auto; [now right | now left].
    + contradiction.
    + apply (H t s); auto; [now left | now right].
  - apply IH. intros s t' Hs Ht'. apply H; now right.
Qed.
