(** * KeepFacts: what KEEP policies have in their caches

    Note: proofs/notes/keep-upper.md, claim 5. Requests are those of an endless sequence (Timeline.v). Main
    theorems: [recent_cached], the pages of the last l requests are always cached; [growth_evicts], a growth
    with a full cache evicts the page requested l requests ago; [guided_keep_is_keep], guided-keep is a KEEP
    policy. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Offset Timeline Tokens LazyFacts Guided Far Keep.
Import ListNotations.

Section KeepFacts.

Variables l n k : nat.
Hypothesis l_pos : 1 <= l.
Hypothesis k_enough : l <= k.

Let slots : 1 <= k.
Proof. lia. Qed.

Variable P : nat -> page.
Hypothesis P_endless : endless l n P.

Variable A : policy.
Hypothesis A_sparing : sparing l n k A.

Let A_guided : guided l n k A := proj1 A_sparing.
Let A_lazy : lazy l n k A := proj1 A_guided.

(** The cache before request [z]. *)
Definition C (z : nat) : cache := A (pre P z).

Let requests z : layered l n (pre P z) := pre_layered l n P z P_endless.

Let requests_S z : layered l n (pre P z ++ [P z]).
Proof. rewrite <- pre_S. apply requests. Qed.

Lemma C_NoDup z : NoDup (C z).
Proof. now apply (lazy_fits l n k A A_lazy). Qed.

Lemma C_le z : length (C z) <= k.
Proof. now apply (lazy_fits l n k A A_lazy). Qed.

Lemma C_optimal z : optimal k (L k P z) (C z).
Proof. now apply A_guided. Qed.

Lemma C_move z : lazy_move k (C z) (P z) (C (S z)).
Proof. unfold C. rewrite pre_S. now apply A_lazy. Qed.

Lemma C_request z : In (P z) (C (S z)).
Proof. unfold C. rewrite pre_S. now apply (lazy_In l n k A A_lazy). Qed.

Lemma C_enters z q : In q (C (S z)) -> q = P z \/ In q (C z).
Proof. unfold C. rewrite pre_S. now apply (lazy_enters l n k A A_lazy). Qed.

Lemma C_full z : length (C z) = k -> length (C (S z)) = k.
Proof. unfold C. rewrite pre_S. now apply (lazy_full l n k A A_lazy). Qed.

Lemma C_requested z : incl (C z) (pre P z).
Proof. now apply (lazy_requested l n k A A_lazy). Qed.

Lemma C_length z : length (C z) <= z.
Proof.
  rewrite <- (pre_length P z) at 2. apply NoDup_incl_length; [apply C_NoDup | apply C_requested].
Qed.

(** A page that leaves: the request is a miss with a full cache, and the page was safe. *)
Lemma C_leaves z v : In v (C z) -> ~ In v (C (S z)) ->
  ~ In (P z) (C z) /\ length (C z) = k /\ optimal k (L k P (S z)) (P z :: evict v (C z)).
Proof.
  intros Hv Hn. destruct (C_move z) as [[_ H]|[(_ & _ & H)|(Hp & HK & q & Hq & H)]].
  - exfalso. apply Hn. now apply H.
  - exfalso. apply Hn, H. now right.
  - split; [exact Hp|]. split; [exact HK|].
    assert (Eq : v = q).
    { destruct (Nat.eq_dec v q) as [|Hne]; [assumption|]. exfalso. apply Hn, H. right. now apply In_evict. }
    subst q. apply (optimal_same k _ (C (S z))).
    + constructor; [rewrite In_evict; tauto | apply NoDup_evict, C_NoDup].
    + intros x. symmetry. apply H.
    + apply C_optimal.
Qed.

(** ** Claim 5 *)

Lemma last_page_at z : l <= z -> last_page l (pre P z) = P (z - l).
Proof. intros H. unfold last_page. rewrite pre_length. apply pre_nth. lia. Qed.

Lemma recent_at z s : z < s + l -> s < z -> In (P s) (recent l (pre P z)).
Proof.
  intros H1 H2. unfold recent. rewrite pre_length. rewrite <- (pre_nth P z s 0 H2).
  rewrite <- (firstn_skipn (z + 1 - l) (pre P z)) at 1.
  rewrite app_nth2; rewrite firstn_length, pre_length; [|lia]. apply nth_In.
  rewrite skipn_length, pre_length. lia.
Qed.

(** The pages of the last l requests are cached. *)
Theorem recent_cached z s : z <= s + l -> s < z -> In (P s) (C z).
Proof.
  revert s. induction z as [|z IH]; intros s H1 H2; [lia|].
  destruct (Nat.eq_dec s z) as [->|Hne]; [apply C_request|].
  destruct (in_dec Nat.eq_dec (P s) (C (S z))) as [|Hn]; [assumption|]. exfalso.
  assert (Hs : In (P s) (C z)) by (apply IH; lia).
  destruct (C_leaves z (P s) Hs Hn) as (Hp & HK & HS). pose proof (C_length z).
  apply (proj2 A_sparing (pre P z) (P z) (P s)); auto.
  - now rewrite <- pre_S.
  - apply recent_at; lia.
Qed.

(** When OPT grows every page of a full cache is safe. *)
Lemma growth_safe z v : G k P z = true -> length (C z) = k -> In v (C z) ->
  optimal k (L k P (S z)) (P z :: evict v (C z)).
Proof.
  intros HG HK Hv j Hj. apply G_true in HG. pose proof (length_evict v (C z) (C_NoDup z) Hv) as HL.
  unfold above. rewrite count_cons, L_same.
  pose proof (count_le_length (fun q => j <? L k P (S z) q) (evict v (C z))) as HC.
  destruct j as [|[|j]]; [simpl; lia | simpl; lia |].
  replace (S (S j) <? 1) with false by (symmetry; apply Nat.ltb_ge; lia).
  pose proof (C_optimal z (S (S j)) Hj) as HO. unfold above in HO.
  assert (H : count (fun q => S (S j) <? L k P (S z) q) (evict v (C z)) <=
              count (fun q => S (S j) <? L k P z q) (C z)); [|lia].
  apply count_le; [apply NoDup_evict, C_NoDup|]. intros q Hq E. apply In_evict in Hq as [Hq _].
  split; [exact Hq|]. apply Nat.ltb_lt in E. apply Nat.ltb_lt. unfold L in *. rewrite pre_S in E.
  pose proof (growth_up_to k (pre P z) (P z) q (S (S j)) HG ltac:(lia)). lia.
Qed.

Lemma growth_misses z : G k P z = true -> ~ In (P z) (C z).
Proof.
  intros HG H. apply G_true in HG. pose proof (C_optimal z k (le_n k)) as HO.
  assert (1 <= above (L k P z) k (C z)); [|lia]. apply (count_In _ _ _ H). now apply Nat.ltb_lt.
Qed.

(** A growth with a full cache evicts the page requested l requests ago, if it evicts that of a KEEP policy. *)
Theorem growth_evicts z : keep_policy l n k A -> G k P z = true -> length (C z) = k -> ~ In (P (z - l)) (C (S z)).
Proof.
  intros HA HG HK. pose proof (growth_misses z HG) as Hp. pose proof (C_length z).
  destruct (C_move z) as [[? _]|[(_ & ? & _)|(_ & _ & q & Hq & H0)]]; [contradiction | lia |].
  assert (Hn : ~ In q (C (S z))).
  { intros H1. apply H0 in H1 as [<-|H1]; [contradiction|]. apply In_evict in H1. tauto. }
  rewrite <- last_page_at by lia. rewrite <- (proj2 HA (pre P z) (P z) q); auto.
  unfold C in Hn. now rewrite pre_S in Hn.
Qed.

End KeepFacts.

(** When OPT grows the page requested l requests ago is safe, so guided-keep evicts it. *)
Theorem guided_keep_is_keep l n k A : 1 <= l -> l <= k -> guided_keep l n k A -> keep_policy l n k A.
Proof.
  intros Hl Hk HA. pose proof (guided_keep_sparing l n k Hl Hk A HA) as HS. split; [exact HS|].
  intros σ p v Hσ HG HK Hv Hn.
  assert (n_pos : 1 <= n). { destruct (layered_last l n σ p Hσ). destruct n; lia. }
  destruct (endless_extends l n _ Hl n_pos Hσ) as (P & HP & EP). rewrite app_length in EP. simpl in EP.
  rewrite Nat.add_1_r, pre_S in EP. apply app_inj_tail in EP as [E1 E2].
  remember (length σ) as z eqn:Ez. clear Ez. subst σ p.
  assert (EG : G k P z = true) by exact HG.
  pose proof (growth_misses l n k Hl Hk P HP A HS z EG) as Hp. pose proof (C_length l n k P HP A HS z) as HL.
  unfold C in HL. destruct (proj2 HA (pre P z) (P z) v) as [K1 _]; auto. apply K1.
  unfold Far.safe. rewrite (last_page_at l k Hl Hk), <- pre_S by lia.
  apply (growth_safe l n k Hl Hk P HP A HS z); [exact EG | exact HK |].
  apply (recent_cached l n k Hl Hk P HP A HS); lia.
Qed.
