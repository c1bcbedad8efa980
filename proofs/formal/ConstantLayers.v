(** * ConstantLayers: LRU has ratio at least 2(k-l)+1 for l < k < 2l-1

    Note: proofs/notes/lru-value-lower.md, claim 5. Of [l] layers the first [a] are asked as on [a] layers with
    k' = k-(l-a) slots, the others always for the same page ([spread]). LRU with k slots misses where LRU with k' slots
    does: between two requests of a page all constant ones are requested. Main theorem: [lru_value_lower], with
    [lru_lower] for a = k-l+1. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Lazy LowerBound Turns LRU LruLower.
Import ListNotations.

(** ** LRU's cache is the beginning of the list of all pages in the order of their last requests *)

Lemma firstn_evict k p (R : list page) : NoDup R -> firstn k (p :: evict p (firstn k R)) = firstn k (p :: evict p R).
Proof.
  destruct k as [|k]; [reflexivity|]. intros HN. cbn [firstn]. f_equal.
  revert k. induction HN as [|x R Hx HN IH]; intros k; [reflexivity|]. cbn [firstn].
  unfold evict in *. cbn [remove]. destruct (Nat.eq_dec p x) as [->|Hne].
  - rewrite notin_remove by (intros H; now apply Hx, (In_firstn k)).
    rewrite notin_remove by exact Hx. rewrite firstn_firstn. now rewrite Nat.min_id.
  - destruct k as [|k]; [reflexivity|]. cbn [firstn]. f_equal. apply IH.
Qed.

Lemma LRU_recent k σ : LRU k σ = firstn k (recent σ).
Proof.
  induction σ as [|σ p IH] using snoc_ind; [now destruct k|].
  rewrite LRU_snoc, recent_snoc, IH. apply firstn_evict, recent_spec.
Qed.

Lemma recent_app σ τ : exists rest, recent (σ ++ τ) = recent τ ++ rest.
Proof.
  induction τ as [|τ p (rest & E)] using snoc_ind; [exists (recent σ); now rewrite app_nil_r|].
  exists (evict p rest). rewrite app_assoc, !recent_snoc, E. unfold evict. rewrite remove_app. reflexivity.
Qed.

Lemma filter_evict f p (R : list page) : filter f (evict p R) = evict p (filter f R).
Proof.
  unfold evict. induction R as [|x R IH]; [reflexivity|]. cbn [remove filter].
  destruct (Nat.eq_dec p x) as [->|Hne], (f x) eqn:F; cbn [remove filter]; rewrite ?F, ?IH; auto.
  - destruct (Nat.eq_dec x x); [reflexivity | congruence].
  - destruct (Nat.eq_dec p x); [congruence | reflexivity].
Qed.

Lemma filter_recent f σ : filter f (recent σ) = recent (filter f σ).
Proof.
  induction σ as [|σ p IH] using snoc_ind; [reflexivity|].
  rewrite recent_snoc, filter_app. cbn [filter]. rewrite filter_evict, IH. destruct (f p) eqn:F.
  - now rewrite recent_snoc.
  - rewrite app_nil_r. apply notin_remove. intros H. apply (proj2 (recent_spec _)), filter_In in H. destruct H. congruence.
Qed.

(** ** More layers *)

Section Spread.

Variables l n a k' : nat.
Hypothesis a_pos : 1 <= a.
Hypothesis a_le : a <= l.
Hypothesis n_pos : 1 <= n.
Hypothesis slots' : 1 <= k'.

Let k := k' + (l - a).

(** The pages of the constant layers. *)
Definition constants : list page := map (fun j => j * n) (seq a (l - a)).

(** After each round of [a] requests, the constant pages. *)
Fixpoint spread_from (t : nat) (σ : list page) : list page :=
  match σ with
  | [] => []
  | p :: rest => (p :: if S t mod a =? 0 then constants else []) ++ spread_from (S t) rest
  end.

Definition spread (σ : list page) : list page := spread_from 0 σ.

Lemma spread_from_app t σ τ : spread_from t (σ ++ τ) = spread_from t σ ++ spread_from (t + length σ) τ.
Proof.
  revert t. induction σ as [|p σ IH]; intros t; cbn [spread_from app length]; [now rewrite Nat.add_0_r|].
  rewrite IH, Nat.add_succ_r. rewrite <- app_assoc. reflexivity.
Qed.

Lemma spread_snoc σ p : spread (σ ++ [p]) = (spread σ ++ [p]) ++ if S (length σ) mod a =? 0 then constants else [].
Proof. unfold spread. rewrite spread_from_app. cbn [spread_from]. rewrite app_nil_r, <- app_assoc. reflexivity. Qed.

Lemma constants_In q : In q constants <-> exists j, a <= j /\ j < l /\ q = j * n.
Proof.
  unfold constants. rewrite in_map_iff. split.
  - intros (j & <- & Hj). apply in_seq in Hj. exists j. split; [lia|]. split; [lia | reflexivity].
  - intros (j & H1 & H2 & ->). exists j. split; [reflexivity | apply in_seq; lia].
Qed.

Lemma constants_NoDup : NoDup constants.
Proof.
  unfold constants. generalize (seq_NoDup (l - a) a). generalize (seq a (l - a)).
  induction 1 as [|x D Hx HD IH]; simpl; constructor; [|exact IH].
  rewrite in_map_iff. intros (y & E & Hy). apply Nat.mul_cancel_r in E; [|lia]. now subst.
Qed.

Lemma constants_length : length constants = l - a.
Proof. unfold constants. now rewrite map_length, seq_length. Qed.

(** Pages of the first [a] layers. *)
Definition varied (q : page) : bool := q <? a * n.

Lemma constants_fixed q : In q constants -> varied q = false.
Proof.
  intros H. apply constants_In in H as (j & H1 & _ & ->). apply Nat.ltb_ge. now apply Nat.mul_le_mono_r.
Qed.

Lemma varied_page σ p : layered a n (σ ++ [p]) -> varied p = true /\ ~ In p constants.
Proof.
  intros Hσ. apply layered_last in Hσ as [Hp _]. apply Nat.ltb_lt in Hp.
  split; [exact Hp|]. intros H. apply constants_fixed in H. unfold varied in H. congruence.
Qed.

Lemma add_constants σ m : m <= l - a -> layered l n σ -> length σ mod l = a mod l -> 
  layered l n (σ ++ map (fun j => j * n) (seq a m)) /\ 
  length (σ ++ map (fun j => j * n) (seq a m)) mod l = (a + m) mod l.
Proof.
  intros Hm Hσ Hl. induction m as [|m IH].
  - simpl. rewrite app_nil_r, Nat.add_0_r. now split.
  - destruct (IH ltac:(lia)) as [H1 H2]. rewrite seq_S, map_app, app_assoc. simpl map. split.
    + apply layered_snoc; [exact H1 | apply Nat.mul_lt_mono_pos_r; lia |].
      rewrite layer_first by exact n_pos. rewrite H2. now rewrite Nat.mod_small by lia.
    + rewrite app_length. simpl. rewrite <- Nat.add_mod_idemp_l, H2, Nat.add_mod_idemp_l by lia. f_equal. lia.
Qed.

Lemma mod_S t m : 1 <= m -> S t mod m = if S t mod m =? 0 then 0 else S (t mod m).
Proof.
  intros Hm. destruct (Nat.eqb_spec (S t mod m) 0) as [E|E]; [exact E|].
  pose proof (Nat.mod_upper_bound t m ltac:(lia)) as Ht.
  rewrite <- Nat.add_1_r in *. rewrite <- Nat.add_mod_idemp_l in * by lia.
  destruct (Nat.eq_dec (t mod m + 1) m) as [E'|E'].
  - exfalso. apply E. rewrite E'. apply Nat.mod_same. lia.
  - rewrite Nat.mod_small; lia.
Qed.

Lemma mod_last t m : 1 <= m -> S t mod m = 0 -> S (t mod m) = m.
Proof.
  intros Hm E. pose proof (Nat.mod_upper_bound t m ltac:(lia)) as Ht.
  rewrite <- Nat.add_1_r in E. rewrite <- Nat.add_mod_idemp_l in E by lia.
  destruct (Nat.eq_dec (t mod m + 1) m) as [E'|E']; [lia|]. rewrite Nat.mod_small in E; lia.
Qed.

Lemma spread_layered σ : layered a n σ -> layered l n (spread σ) /\ length (spread σ) mod l = length σ mod a.
Proof.
  induction σ as [|σ p IH] using snoc_ind; intros Hσ.
  - split; [apply layered_nil|]. simpl. now rewrite !Nat.mod_0_l by lia.
  - destruct (IH (layered_prefix _ _ _ _ Hσ)) as [H1 H2]. apply layered_last in Hσ as [Hp Hl].
    assert (H3 : layered l n (spread σ ++ [p])).
    { apply layered_snoc; [exact H1 | | congruence].
      apply Nat.lt_le_trans with (1 := Hp). now apply Nat.mul_le_mono_r. }
    pose proof (Nat.mod_upper_bound (length σ) a ltac:(lia)) as Ha.
    assert (HL : length (spread σ ++ [p]) mod l = S (length σ mod a) mod l).
    { rewrite app_length. simpl. rewrite <- Nat.add_mod_idemp_l, H2 by lia. f_equal. lia. }
    rewrite spread_snoc. rewrite (app_length σ). change (length [p]) with 1. rewrite Nat.add_1_r, (mod_S (length σ) a a_pos).
    destruct (S (length σ) mod a =? 0) eqn:E.
    + apply Nat.eqb_eq, (mod_last _ _ a_pos) in E. rewrite E in HL.
      destruct (add_constants (spread σ ++ [p]) (l - a) (le_n _) H3 HL) as [H4 H5].
      split; [exact H4|]. transitivity ((a + (l - a)) mod l); [exact H5|]. replace (a + (l - a)) with l by lia.
      apply Nat.mod_same. lia.
    + rewrite app_nil_r. split; [exact H3|]. rewrite HL. apply Nat.eqb_neq in E. apply Nat.mod_small.
      destruct (Nat.eq_dec (S (length σ mod a)) a) as [E'|]; [|lia]. exfalso. apply E.
      replace (S (length σ) mod a) with ((length σ mod a + 1) mod a)
        by (rewrite Nat.add_mod_idemp_l by lia; f_equal; lia).
      rewrite Nat.add_1_r, E'. apply Nat.mod_same. lia.
Qed.

(** *** Offline *)

Definition with_constants (D : cache) : cache := filter varied D ++ constants.

Lemma with_constants_fits D : fits k' D -> fits k (with_constants D).
Proof.
  intros [HN HL]. split.
  - apply NoDup_app; [now apply NoDup_filter | apply constants_NoDup |]. intros q H1 H2.
    apply filter_In in H1 as [_ H1]. apply constants_fixed in H2. congruence.
  - unfold with_constants, k. rewrite app_length, constants_length.
    pose proof (count_le_length varied D). unfold count in H. lia.
Qed.

Lemma with_constants_loads C D : NoDup D -> loads (with_constants C) (with_constants D) <= loads C D.
Proof.
  intros HN. rewrite !loads_count. unfold with_constants at 2. unfold count at 1. rewrite filter_app, app_length.
  fold (count (fun p => negb (mem p (with_constants C))) (filter varied D)).
  fold (count (fun p => negb (mem p (with_constants C))) constants).
  rewrite (count_false _ constants), Nat.add_0_r.
  - apply count_le; [now apply NoDup_filter|]. intros q Hq H. apply filter_In in Hq as [Hq Hv]. split; [exact Hq|].
    destruct (mem q C) eqn:M; [|reflexivity]. exfalso. apply mem_In in M.
    assert (In q (with_constants C)) by (apply in_or_app; left; now apply filter_In).
    apply mem_In in H0. now rewrite H0 in H.
  - intros q Hq. assert (In q (with_constants C)) by (apply in_or_app; now right).
    apply mem_In in H. now rewrite H.
Qed.

Lemma serve_hits σ D c τ : schedule k σ D c -> incl τ D -> schedule k (σ ++ τ) D c.
Proof.
  intros HS. induction τ as [|τ p IH] using snoc_ind; intros HI; [now rewrite app_nil_r|].
  rewrite app_assoc. replace c with (c + loads D D) by (rewrite loads_refl; [lia | apply incl_refl]).
  constructor; [apply IH; intros q Hq; apply HI, in_or_app; now left | now apply schedule_fits in HS |].
  apply HI, in_or_app. right. now left.
Qed.

Lemma spread_schedule σ D c : schedule k' σ D c -> layered a n σ ->
  exists D' c', schedule k (spread σ) D' c' /\ c' + loads D' (with_constants D) <= c + (l - a).
Proof.
  induction 1 as [|σ D c p D2 HS IH HF Hp]; intros Hσ.
  - exists [], 0. split; [constructor|]. rewrite loads_count.
    pose proof (count_le_length (fun p => negb (mem p [])) (with_constants [])). unfold with_constants in *.
    simpl in *. rewrite constants_length in H. simpl. lia.
  - destruct (IH (layered_prefix _ _ _ _ Hσ)) as (D' & c' & H1 & H2).
    pose proof (with_constants_fits D2 HF) as HF2. destruct (varied_page σ p Hσ) as [Hv _].
    exists (with_constants D2), (c' + loads D' (with_constants D2)). split.
    + rewrite spread_snoc. apply serve_hits.
      * constructor; [exact H1 | exact HF2 |]. apply in_or_app. left. now apply filter_In.
      * destruct (_ =? 0); [intros q Hq; apply in_or_app; now right | easy].
    + rewrite (loads_refl (with_constants D2)) by apply incl_refl.
      pose proof (loads_triangle D' (with_constants D) (with_constants D2) (proj1 HF2)).
      pose proof (with_constants_loads D D2 (proj1 HF)). lia.
Qed.

(** *** LRU *)

Lemma spread_varied σ : layered a n σ -> filter varied (spread σ) = σ.
Proof.
  induction σ as [|σ p IH] using snoc_ind; intros Hσ; [reflexivity|].
  destruct (varied_page σ p Hσ) as [Hv _].
  rewrite spread_snoc, !filter_app, IH by now apply layered_prefix in Hσ. cbn [filter]. rewrite Hv.
  assert (E : filter varied (if S (length σ) mod a =? 0 then constants else []) = []).
  { destruct (_ =? 0); [|reflexivity]. pose proof (count_false varied constants constants_fixed) as H.
    unfold count in H. now destruct (filter varied constants). }
  rewrite E. now rewrite app_nil_r.
Qed.

(** The requests since the constant pages are of the layers before the present one. *)
Lemma spread_round σ : layered a n σ -> exists τ,
  (forall q, In q τ -> layer n q < length σ mod a) /\
  (spread σ = τ \/ exists ρ, spread σ = ρ ++ constants ++ τ).
Proof.
  induction σ as [|σ p IH] using snoc_ind; intros Hσ.
  - exists []. split; [easy | now left].
  - destruct (IH (layered_prefix _ _ _ _ Hσ)) as (τ & H1 & H2). pose proof (layered_last _ _ _ _ Hσ) as [_ Hl].
    rewrite spread_snoc, (app_length σ). change (length [p]) with 1. rewrite Nat.add_1_r, (mod_S (length σ) a a_pos).
    destruct (S (length σ) mod a =? 0) eqn:E.
    + exists []. split; [easy|]. right. exists (spread σ ++ [p]). now rewrite app_nil_r.
    + exists (τ ++ [p]). split.
      * intros q Hq. apply in_app_or in Hq as [Hq|[<-|[]]]; [apply H1 in Hq|]; lia.
      * rewrite app_nil_r. destruct H2 as [->|(ρ & ->)]; [now left | right; exists ρ; now rewrite !app_assoc].
Qed.

Lemma spread_miss σ p : layered a n (σ ++ [p]) -> ~ In p (LRU k' σ) -> ~ In p (LRU k (spread σ)).
Proof.
  intros Hσ Hp. pose proof (layered_prefix _ _ _ _ Hσ) as Hσ'. pose proof (layered_last _ _ _ _ Hσ) as [_ Hl].
  destruct (varied_page σ p Hσ) as [Hv Hc]. rewrite LRU_recent in *. intros Hin.
  pose proof (In_firstn _ _ _ Hin) as HR. destruct (spread_round σ Hσ') as (τ & H1 & H2).
  assert (Hτ : ~ In p τ) by (intros H; apply H1 in H; lia).
  destruct H2 as [E|(ρ & E)].
  { apply Hτ. rewrite <- E. now apply (proj2 (recent_spec (spread σ))). }
  destruct (recent_app ρ (constants ++ τ)) as (rest & ER). rewrite <- E in ER.
  destruct (recent_spec (constants ++ τ)) as [_ HS].
  assert (Hrest : In p rest).
  { rewrite ER in HR. apply in_app_or in HR as [HR|HR]; [|exact HR].
    apply (HS p), in_app_or in HR. tauto. }
  apply in_split in Hrest as (B & Z & ->). rewrite app_assoc in ER. set (Y := recent (constants ++ τ) ++ B) in *.
  pose proof (proj1 (recent_spec (spread σ))) as HN. rewrite ER in HN.
  assert (HpY : ~ In p Y).
  { apply NoDup_remove_2 in HN. intros H. apply HN, in_or_app. now left. }
  assert (HY : length Y < k).
  { destruct (Nat.lt_ge_cases (length Y) k) as [|Hge]; [assumption|]. exfalso. apply HpY.
    rewrite ER, firstn_app in Hin. replace (k - length Y) with 0 in Hin by lia.
    rewrite firstn_O, app_nil_r in Hin. now apply In_firstn in Hin. }
  assert (H3 : k' <= count varied Y).
  { destruct (Nat.le_gt_cases k' (count varied Y)) as [|Hlt]; [assumption|]. exfalso. apply Hp.
    rewrite <- (spread_varied σ Hσ'), <- filter_recent, ER, filter_app. cbn [filter]. rewrite Hv.
    rewrite firstn_app. apply in_or_app. right. unfold count in Hlt.
    destruct (k' - length (filter varied Y)) eqn:F; [lia | now left]. }
  assert (H4 : l - a <= count (fun q => negb (varied q)) Y).
  { rewrite <- constants_length, <- (count_true (fun _ => true) constants) by reflexivity.
    apply count_le; [apply constants_NoDup|]. intros q Hq _. split.
    - apply in_or_app. left. apply HS, in_or_app. now left.
    - now rewrite (constants_fixed q Hq). }
  pose proof (count_split varied Y). unfold k in HY. lia.
Qed.

Lemma spread_cost σ : layered a n σ -> cost (LRU k') σ <= cost (LRU k) (spread σ).
Proof.
  induction σ as [|σ p IH] using snoc_ind; intros Hσ; [apply Nat.le_0_l|].
  specialize (IH (layered_prefix _ _ _ _ Hσ)). rewrite spread_snoc.
  pose proof (cost_mono (LRU k) (spread σ ++ [p]) (if S (length σ) mod a =? 0 then constants else [])) as H1.
  rewrite cost_snoc. rewrite cost_snoc in H1.
  assert (HI : forall q, In q (LRU k' (σ ++ [p])) -> q = p \/ In q (LRU k' σ)).
  { intros q Hq. rewrite LRU_snoc in Hq. apply In_firstn in Hq as [<-|Hq]; [now left|]. right. now apply In_evict in Hq. }
  destruct (in_dec Nat.eq_dec p (LRU k' σ)) as [Hp|Hp].
  - rewrite loads_refl; [lia|]. intros q Hq. destruct (HI q Hq) as [->|]; auto.
  - pose proof (loads_one _ _ p (proj1 (LRU_fits k' slots' (σ ++ [p]))) HI) as H2.
    pose proof (loads_miss (LRU k (spread σ)) (LRU k (spread σ ++ [p])) p) as H3.
    specialize (H3 (LRU_In k ltac:(unfold k; lia) (spread σ) p) (spread_miss σ p Hσ Hp)). lia.
Qed.

End Spread.

(** LRU has ratio at least min(k, 2(k-l)+1) for l < k < l n, and for k = l = 1. *)
Theorem lru_value_lower l n k : 1 <= l -> l < k \/ k = 1 -> l <= k -> k < l * n ->
  ratio_at_least l n k (LRU k) (Nat.min k (2 * (k - l) + 1)) 1.
Proof.
  intros Hl Hk0 Hk1 Hn. destruct (Nat.le_gt_cases (2 * l - 1) k) as [Hle|Hgt].
  { rewrite Nat.min_l by lia. apply lru_lower; lia. }
  assert (Hk : l < k) by lia. clear Hk0 Hk1. rewrite Nat.min_r by lia. set (a := k - l + 1). set (k' := 2 * (k - l) + 1).
  assert (n_two : 2 <= n) by (destruct n as [|[|m]]; lia).
  assert (Ek : k = k' + (l - a)) by (unfold k', a; lia).
  assert (Hk' : k' < a * n) by (unfold k', a; nia).
  destruct (lru_family a n k' ltac:(unfold a; lia) ltac:(unfold k', a; lia) Hk') as (c0 & HF).
  apply (lower_bound l n k (LRU k) ltac:(lia) k' 1 (c0 + k' * (l - a))). intros N.
  destruct (HF N) as (σ & D & c & Hσ & HS & HC & HN).
  destruct (spread_schedule l n a k' ltac:(unfold a; lia) ltac:(unfold a; lia) ltac:(lia) ltac:(unfold k'; lia) σ D c HS Hσ) as (D' & c' & S1 & S2).
  pose proof (spread_cost l n a k' ltac:(unfold a; lia) ltac:(unfold a; lia) ltac:(lia) ltac:(unfold k'; lia) σ Hσ) as S3.
  destruct (spread_layered l n a k' ltac:(unfold a; lia) ltac:(unfold a; lia) ltac:(lia) ltac:(unfold k'; lia) σ Hσ) as [Hσ' _].
  rewrite <- Ek in S1, S3.
  exists (spread l n a σ), D', c'. split; [exact Hσ'|split; [exact S1|split; [|lia]]].
  assert (k' * c' <= k' * (c + (l - a))) by (apply Nat.mul_le_mono_l; lia).
  rewrite Nat.mul_add_distr_l in H. lia.
Qed.
