(** * Guided: every guided policy has ratio at most k

    Note: proofs/notes/guided-upper.md. A policy is guided if it is lazy and its cache is always
    optimal for the offset function of the past. Main theorems: [guided_upper], ALG <= k OPT with
    constant 0, for every guided policy; [safe_page], the rule always leaves a choice;
    [guided_exists]. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Offset Since Rule LazyFacts.
Import ListNotations.

Section Guided.

Variables l n k : nat.
Hypothesis slots : 1 <= k.

Notation level := (levels_of k).

Definition guided (A : policy) : Prop :=
  lazy l n k A /\ forall σ, layered l n σ -> optimal k (level σ) (A σ).

(** ** An optimal full cache holds the pages requested since OPT last grew *)

Lemma optimal_low σ C j : NoDup C -> length C = k -> optimal k (level σ) C -> j <= k ->
  j <= count (fun q => level σ q <=? j) C.
Proof.
  intros HN HL HO Hj. specialize (HO j Hj). unfold above in HO.
  pose proof (count_split (fun q => level σ q <=? j) C).
  assert (count (fun q => negb (level σ q <=? j)) C = count (fun q => j <? level σ q) C); [|lia].
  unfold count. f_equal. apply filter_ext. intros q. now rewrite Nat.ltb_antisym.
Qed.

Lemma optimal_since σ C : NoDup C -> length C = k -> optimal k (level σ) C -> incl (since k σ) C.
Proof.
  intros HN HL HO. pose proof (since_length k slots σ) as HS.
  pose proof (optimal_low σ C (length (since k σ)) HN HL HO HS) as Hlow. unfold count in Hlow.
  set (low := filter (fun q => level σ q <=? length (since k σ)) C) in *.
  assert (incl (since k σ) low).
  { apply NoDup_incl_full; [now apply NoDup_filter | | ].
    - intros q Hq. apply filter_In in Hq as [_ Hq]. apply Nat.leb_le in Hq. now apply since_In.
    - exact Hlow. }
  intros q Hq. apply H in Hq. now apply filter_In in Hq.
Qed.

Section Upper.

Variable A : policy.
Hypothesis A_guided : guided A.

Lemma guided_since σ : layered l n σ -> incl (since k σ) (A σ).
Proof.
  intros Hσ. destruct A_guided as [HL HO]. destruct (lazy_fits l n k A HL σ Hσ) as [HN HK].
  destruct (Nat.eq_dec (length (A σ)) k) as [E|E].
  - apply optimal_since; auto.
  - intros q Hq. apply (lazy_not_full l n k A HL σ Hσ); [lia|]. now apply (since_requested k).
Qed.

(** Between two growths a miss adds a page to those requested since the growth, and they are at
    most k: so at most k misses for each growth. *)
Lemma guided_count σ : layered l n σ -> σ <> [] ->
  cost A σ + k <= k * growths k σ + length (since k σ).
Proof.
  destruct A_guided as [HL HO].
  induction σ as [|σ p IH] using snoc_ind; intros Hσ Hne; [easy|].
  pose proof (layered_prefix _ _ _ _ Hσ) as Hσ'.
  assert (Hone : cost A (σ ++ [p]) <= cost A σ + 1).
  { destruct (in_dec Nat.eq_dec p (A σ)) as [Hp|Hp].
    - rewrite (proj2 (lazy_hit l n k A HL σ p Hσ Hp)). lia.
    - now rewrite (lazy_miss l n k A HL σ p Hσ Hp). }
  rewrite growths_snoc, since_snoc. destruct (grows k (level σ) p) eqn:G.
  - simpl. pose proof (since_length k slots σ). destruct σ as [|x σ'].
    + change (cost A []) with 0 in Hone. change (growths k []) with 0. lia.
    + assert (Hx : x :: σ' <> []) by discriminate. specialize (IH Hσ' Hx). lia.
  - assert (σ <> []). { intros ->. rewrite (first_grows k slots p) in G. discriminate. }
    specialize (IH Hσ' H). destruct (in_dec Nat.eq_dec p (since k σ)) as [Hp|Hp].
    + pose proof (length_evict p _ (since_NoDup k slots σ) Hp) as HE. simpl.
      apply (guided_since σ Hσ') in Hp. rewrite (proj2 (lazy_hit l n k A HL σ p Hσ Hp)). lia.
    + unfold evict. rewrite notin_remove by assumption. simpl. lia.
Qed.

(** ALG <= k OPT at every prefix. *)
Theorem guided_upper σ m : layered l n σ -> is_opt k σ m -> cost A σ <= k * m.
Proof.
  intros Hσ Hm. apply opt_growths in Hm; [|exact slots]. subst m.
  destruct (list_eq_dec Nat.eq_dec σ []) as [->|Hne]; [cbn; lia|].
  pose proof (guided_count σ Hσ Hne). pose proof (since_length k slots σ). lia.
Qed.

End Upper.

(** ** The rule always leaves a choice *)

Lemma top_page (f : page -> nat) C : C <> [] -> exists q, In q C /\ forall x, In x C -> f x <= f q.
Proof.
  clear slots.
  induction C as [|y C IH]; [easy|]. intros _. destruct C as [|z C].
  - exists y. split; [now left|]. intros x [->|[]]. lia.
  - destruct IH as (q & Hq & Hmax); [discriminate|].
    destruct (Nat.le_gt_cases (f y) (f q)) as [Hle|Hgt].
    + exists q. split; [now right|]. intros x [->|Hx]; auto.
    + exists y. split; [now left|]. intros x [->|Hx]; [lia|]. specialize (Hmax x Hx). lia.
Qed.

(** After a miss the full cache of before, an optimal one, has at most one page too many above each
    level. *)
Lemma after_miss σ p C j : NoDup C -> length C <= k -> optimal k (level σ) C -> ~ In p C ->
  1 <= j -> j <= k -> above (level (σ ++ [p])) j C + j <= k + 1.
Proof.
  intros HN HL HO Hp H1 Hj. destruct (Nat.le_gt_cases (level σ p) k) as [G|G].
  - destruct (Nat.le_gt_cases j (level σ p)) as [Hle|Hgt].
    + destruct j as [|j]; [lia|]. specialize (HO j ltac:(lia)).
      assert (above (level (σ ++ [p])) (S j) C <= above (level σ) j C); [|lia].
      apply count_imp. intros q _ Hq. apply Nat.ltb_lt in Hq. apply Nat.ltb_lt.
      pose proof (inside_up_to_low k σ p q j G Hle). lia.
    + specialize (HO j Hj).
      assert (above (level (σ ++ [p])) j C <= above (level σ) j C); [|lia].
      apply count_imp. intros q _ Hq. apply Nat.ltb_lt in Hq. apply Nat.ltb_lt.
      pose proof (inside_up_to_high k σ p q j G Hgt). lia.
  - destruct (Nat.le_gt_cases 2 j) as [H2|H2].
    + specialize (HO j Hj).
      assert (above (level (σ ++ [p])) j C <= above (level σ) j C); [|lia].
      apply count_imp. intros q _ Hq. apply Nat.ltb_lt in Hq. apply Nat.ltb_lt.
      pose proof (growth_up_to k σ p q j G H2). lia.
    + pose proof (count_le_length (fun q => j <? level (σ ++ [p]) q) C). unfold above. lia.
Qed.

(** On a miss with a full optimal cache any page of the highest level can be evicted so that the cache is
    optimal again. *)
Lemma top_is_safe σ p C q : NoDup C -> length C = k -> optimal k (level σ) C -> ~ In p C ->
  In q C -> (forall x, In x C -> level (σ ++ [p]) x <= level (σ ++ [p]) q) ->
  optimal k (level (σ ++ [p])) (p :: evict q C).
Proof.
  intros HN HL HO Hp Hq Hmax j Hj. destruct j as [|j].
  - pose proof (count_le_length (fun x => 0 <? level (σ ++ [p]) x) (p :: evict q C)).
    simpl in H. pose proof (length_evict q C HN Hq). unfold above. lia.
  - unfold above. rewrite count_cons, (proj2 (level_one k σ p p) eq_refl).
    pose proof (after_miss σ p C (S j) HN ltac:(lia) HO Hp ltac:(lia) Hj) as HM. unfold above in HM.
    pose proof (count_evict (fun x => S j <? level (σ ++ [p]) x) q C HN Hq) as HE. cbv beta in HE.
    destruct (S j <? level (σ ++ [p]) q) eqn:E.
    + simpl. lia.
    + apply Nat.ltb_ge in E. rewrite (count_false _ C) in HE.
      * simpl. lia.
      * intros x Hx. apply Nat.ltb_ge. specialize (Hmax x Hx). lia.
Qed.

(** So there is such a page. *)
Theorem safe_page σ p C : NoDup C -> length C = k -> optimal k (level σ) C -> ~ In p C ->
  exists q, In q C /\ optimal k (level (σ ++ [p])) (p :: evict q C).
Proof.
  intros HN HL HO Hp. destruct (top_page (level (σ ++ [p])) C) as (q & Hq & Hmax).
  { intros ->. simpl in HL. lia. }
  exists q. split; [exact Hq|]. now apply top_is_safe.
Qed.

(** A page that is requested while a slot is empty: the cache with it is optimal. *)
Lemma optimal_add σ p C : NoDup C -> length C < k -> optimal k (level σ) C -> ~ In p C ->
  incl σ C -> optimal k (level (σ ++ [p])) (p :: C).
Proof.
  intros HN HL HO Hp HI j Hj. unfold above. rewrite count_cons.
  rewrite (proj2 (level_one k σ p p) eq_refl).
  assert (G : k < level σ p). { rewrite levels_fresh; [lia | exact slots | intros H; now apply Hp, HI]. }
  destruct j as [|[|j]].
  - pose proof (count_le_length (fun x => 0 <? level (σ ++ [p]) x) C). simpl. lia.
  - pose proof (count_le_length (fun x => 1 <? level (σ ++ [p]) x) C). simpl. lia.
  - specialize (HO (S (S j)) Hj). simpl.
    assert (above (level (σ ++ [p])) (S (S j)) C <= above (level σ) (S (S j)) C).
    { apply count_imp. intros q _ Hq. apply Nat.ltb_lt in Hq. apply Nat.ltb_lt.
      pose proof (growth_up_to k σ p q (S (S j)) G ltac:(lia)). lia. }
    unfold above in *. lia.
Qed.

Lemma optimal_hit σ p C : NoDup C -> optimal k (level σ) C -> In p C ->
  optimal k (level (σ ++ [p])) C.
Proof.
  intros HN HO Hp.
  assert (G : level σ p <= k).
  { destruct (Nat.le_gt_cases (level σ p) k) as [|G]; [assumption|]. exfalso.
    specialize (HO k (le_n k)). assert (1 <= above (level σ) k C); [|lia].
    apply (count_In _ C p Hp). now apply Nat.ltb_lt. }
  intros j Hj. destruct (Nat.le_gt_cases j (level σ p)) as [Hle|Hgt].
  - destruct j as [|j].
    + specialize (HO 0 Hj). assert (above (level (σ ++ [p])) 0 C <= above (level σ) 0 C); [|lia].
      apply count_imp. intros q _ _. apply Nat.ltb_lt, levels_pos.
    + specialize (HO j ltac:(lia)).
      assert (above (level (σ ++ [p])) (S j) C + 1 <= above (level σ) j C); [|lia].
      apply (above_falls _ _ _ _ p); auto. intros q _ Hq.
      pose proof (inside_up_to_low k σ p q j G Hle). split; [intros ->|]; lia.
  - specialize (HO j Hj). assert (above (level (σ ++ [p])) j C <= above (level σ) j C); [|lia].
    apply count_imp. intros q _ Hq. apply Nat.ltb_lt in Hq. apply Nat.ltb_lt.
    pose proof (inside_up_to_high k σ p q j G Hgt). lia.
Qed.

(** Being optimal is a property of the set, not of the list. *)
Lemma optimal_same L C D : NoDup D -> same D C -> optimal k L C -> optimal k L D.
Proof.
  clear slots.
  intros HN HS HO j Hj. specialize (HO j Hj). assert (above L j D <= above L j C); [|lia].
  apply count_le; [exact HN|]. intros q Hq E. split; [now apply HS | exact E].
Qed.

(** A lazy policy that evicts safe pages is guided. *)
Theorem safe_is_guided A : lazy l n k A ->
  (forall σ p, layered l n (σ ++ [p]) -> ~ In p (A σ) -> length (A σ) = k ->
     optimal k (level σ) (A σ) -> optimal k (level (σ ++ [p])) (A (σ ++ [p]))) ->
  guided A.
Proof.
  intros HL HS. split; [exact HL|]. induction σ as [|σ p IH] using snoc_ind; intros Hσ.
  { destruct HL as [[H0 _] _]. rewrite H0. intros j Hj. cbn. lia. }
  pose proof (layered_prefix _ _ _ _ Hσ) as Hσ'. specialize (IH Hσ').
  destruct (lazy_fits l n k A HL σ Hσ') as [HN HK].
  destruct (lazy_fits l n k A HL _ Hσ) as [HN' HK'].
  destruct (proj2 HL σ p Hσ) as [[Hp H]|[(Hp & HK'' & H)|(Hp & HK'' & q & Hq & H)]].
  - apply (optimal_same _ (A σ)); auto. now apply optimal_hit.
  - apply (optimal_same _ (p :: A σ)); auto. apply optimal_add; auto.
    now apply (lazy_not_full l n k A HL).
  - now apply HS.
Qed.

(** Whether a cache is optimal can be decided. *)
Definition optimalb (L : levels) (C : cache) : bool :=
  forallb (fun j => above L j C + j <=? k) (seq 0 (S k)).

Lemma optimalb_spec L C : optimalb L C = true <-> optimal k L C.
Proof.
  clear slots.
  unfold optimalb. rewrite forallb_forall. split.
  - intros H j Hj. apply Nat.leb_le, H, in_seq. lia.
  - intros H j Hj. apply in_seq in Hj. apply Nat.leb_le, H. lia.
Qed.

(** Evict the first page that is safe. *)
Definition first_safe : policy :=
  by_rule k (fun σ C p q => optimalb (level (σ ++ [p])) (p :: evict q C)).

Theorem guided_exists : guided first_safe.
Proof.
  apply safe_is_guided; [now apply by_rule_lazy|]. intros σ p _ Hp HK HO.
  unfold first_safe. rewrite by_rule_snoc. fold first_safe. unfold next.
  apply mem_not_In in Hp as Hm. rewrite Hm, HK, Nat.ltb_irrefl.
  destruct (by_rule_fits k (fun σ C p q => optimalb (level (σ ++ [p])) (p :: evict q C)) slots σ)
    as [HN _]. fold first_safe in HN.
  destruct (safe_page σ p (first_safe σ) HN HK HO Hp) as (q & Hq & Hs).
  apply optimalb_spec. apply optimalb_spec in Hs.
  exact (victim_rule (fun σ C p q => optimalb (level (σ ++ [p])) (p :: evict q C)) σ _ p q Hq Hs).
Qed.

(** Every guided policy is k-competitive. *)
Corollary guided_competitive A : guided A -> competitive l n k A k 1.
Proof.
  intros HA. exists 0. intros σ m Hσ Hm. pose proof (guided_upper A HA σ m Hσ Hm). lia.
Qed.

End Guided.
