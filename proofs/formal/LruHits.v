(** * LruHits: LRU's list, request by request

    Hits bring pages to the front ([gather]: all of some, in whatever turn; [run]: in a given order, the layers coming
    in turn), a miss pushes the last one out. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Turns LRU.
Import ListNotations.

Section LruHits.

Variables l n k : nat.
Hypothesis l_pos : 1 <= l.
Hypothesis slots : 1 <= k.

Notation lru := (LRU k).

(** ** Requests *)

Lemma lru_length σ : length (lru σ) <= k.
Proof. exact (proj2 (LRU_fits k slots σ)). Qed.

Lemma lru_NoDup σ : NoDup (lru σ).
Proof. exact (proj1 (LRU_fits k slots σ)). Qed.

Lemma evict_app q C D : evict q (C ++ D) = evict q C ++ evict q D.
Proof. apply remove_app. Qed.

Lemma evict_out q C : ~ In q C -> evict q C = C.
Proof. apply notin_remove. Qed.

Lemma NoDup_apart (C D : cache) q : NoDup (C ++ D) -> In q C -> ~ In q D.
Proof.
  induction C as [|x C IH]; [easy|]. simpl. intros H [->|Hq] HD; inversion_clear H.
  - apply H0, in_or_app. now right.
  - now apply IH.
Qed.

Lemma lru_hit σ q : In q (lru σ) -> lru (σ ++ [q]) = q :: evict q (lru σ).
Proof.
  intros H. rewrite LRU_snoc. unfold lru_step. apply firstn_all2. simpl.
  pose proof (length_evict q _ (lru_NoDup σ) H). pose proof (lru_length σ). lia.
Qed.

(** A hit of a page in the front part; of one in the back part. *)
Lemma hit_front σ F R q : lru σ = F ++ R -> In q F -> lru (σ ++ [q]) = (q :: evict q F) ++ R.
Proof.
  intros E Hq. rewrite lru_hit by (rewrite E; apply in_or_app; now left). rewrite E, evict_app. simpl. f_equal. f_equal.
  apply evict_out, (NoDup_apart F); [rewrite <- E; apply lru_NoDup | exact Hq].
Qed.

Lemma hit_back σ F R q : lru σ = F ++ R -> In q R -> lru (σ ++ [q]) = (q :: F) ++ evict q R.
Proof.
  intros E Hq. rewrite lru_hit by (rewrite E; apply in_or_app; now right). rewrite E, evict_app. simpl. f_equal. f_equal.
  apply evict_out. intros HF. apply (NoDup_apart F R q); auto. rewrite <- E. apply lru_NoDup.
Qed.

Lemma lru_miss σ q Y y : lru σ = Y ++ [y] -> length (lru σ) = k -> ~ In q (lru σ) -> lru (σ ++ [q]) = q :: Y.
Proof.
  intros E HL Hq. rewrite LRU_snoc. unfold lru_step. rewrite evict_out by exact Hq. rewrite E in *.
  rewrite app_length in HL. simpl in HL. change (q :: Y ++ [y]) with ((q :: Y) ++ [y]).
  rewrite firstn_app. replace (k - length (q :: Y)) with 0 by (simpl; lia). rewrite firstn_O, app_nil_r.
  apply firstn_all2. simpl. lia.
Qed.

Lemma miss_cost σ q : ~ In q (lru σ) -> cost lru σ + 1 <= cost lru (σ ++ [q]).
Proof.
  intros H. rewrite cost_snoc. pose proof (loads_miss (lru σ) _ q (LRU_In k slots σ q) H). lia.
Qed.

Lemma same_front q F : In q F -> same (q :: evict q F) F.
Proof.
  intros Hq x. simpl. rewrite In_evict. destruct (Nat.eq_dec q x) as [->|Hne]; [tauto|]. intuition.
Qed.

(** Every layer has a page in [Q]. *)
Definition meets (Q : list page) : Prop := forall j, j < l -> exists q, In q Q /\ layer n q = j.

(** The offline side has the pages [D], at cost [c]. *)
Definition serves (σ : list page) (D : cache) (c : nat) : Prop :=
  layered l n σ /\ schedule k σ D c /\ forall q, In q D -> q < l * n.

Lemma serves_hit σ D c q : serves σ D c -> In q D -> layer n q = length σ mod l -> serves (σ ++ [q]) D c.
Proof.
  intros (Hσ & HS & HD) Hq Hl. split; [apply layered_snoc; auto|]. split; [|exact HD].
  replace c with (c + loads D D) by (rewrite loads_refl; [lia | apply incl_refl]).
  constructor; [exact HS | now apply schedule_fits in HS | exact Hq].
Qed.

(** ** Hits *)

(** [d] hits of pages of [F] and [R]: those of R come to the front, before [B]. *)
Lemma gather_wait B D c d : forall σ F R, serves σ D c -> incl (F ++ R) D -> lru σ = F ++ B ++ R ->
  (forall i, i < d -> exists q, In q (F ++ R) /\ layer n q = (length σ + i) mod l) ->
  exists τ F' R', length τ = d /\ serves (σ ++ τ) D c /\ lru (σ ++ τ) = F' ++ B ++ R' /\
    same (F' ++ R') (F ++ R) /\ incl R' R.
Proof.
  induction d as [|d IH]; intros σ F R HS HI E HM.
  - exists [], F, R. rewrite app_nil_r. split; [reflexivity|]. split; [exact HS|]. split; [exact E|].
    split; [red; tauto | apply incl_refl].
  - destruct (HM 0 ltac:(lia)) as (q & Hq & Hl). rewrite Nat.add_0_r in Hl.
    assert (HF : exists F1 R1, lru (σ ++ [q]) = F1 ++ B ++ R1 /\ same (F1 ++ R1) (F ++ R) /\ incl R1 R).
    { apply in_app_or in Hq as [Hq|Hq].
      - exists (q :: evict q F), R. split; [now apply hit_front|]. split; [|apply incl_refl].
        intros x. rewrite !in_app_iff, (same_front q F Hq x). tauto.
      - exists (q :: F), (evict q R). split; [|split].
        + rewrite app_assoc in E. rewrite (hit_back σ (F ++ B) R q E Hq). simpl. now rewrite <- app_assoc.
        + intros x. simpl. rewrite !in_app_iff, In_evict. destruct (Nat.eq_dec q x) as [->|Hne]; [tauto|]. intuition.
        + intros x Hx. now apply In_evict in Hx. }
    destruct HF as (F1 & R1 & E1 & S1 & I1).
    destruct (IH (σ ++ [q]) F1 R1) as (τ & F' & R' & T1 & T2 & T3 & T4 & T5).
    + apply serves_hit; auto.
    + intros x Hx. apply HI, S1, Hx.
    + exact E1.
    + intros i Hi. destruct (HM (S i) ltac:(lia)) as (q' & Hq' & Hl'). exists q'. split; [now apply S1|].
      rewrite app_length. simpl. rewrite Hl'. f_equal. lia.
    + exists ([q] ++ τ), F', R'. rewrite app_assoc. split; [simpl; lia|]. split; [exact T2|]. split; [exact T3|].
      split; [intros x; rewrite (T4 x); apply S1 | intros x Hx; apply I1, T5, Hx].
Qed.

(** All of [R] come to the front. *)
Lemma gather B D c m : forall σ F R, length R <= m -> serves σ D c -> incl (F ++ R) D -> lru σ = F ++ B ++ R ->
  meets (F ++ R) ->
  exists τ F', serves (σ ++ τ) D c /\ lru (σ ++ τ) = F' ++ B /\ same F' (F ++ R).
Proof.
  induction m as [|m IH]; intros σ F R HL HS HI E HM.
  all: destruct R as [|r R]; [exists [], F; rewrite !app_nil_r in *; split; [exact HS|]; split; [exact E | red; tauto]|].
  { simpl in HL. lia. }
  assert (Hr : r < l * n). { apply HS, HI, in_or_app. right. now left. }
  destruct (next_turn l (length σ) (layer n r) (layer_lt l n r Hr)) as (d & _ & Hd & _).
  destruct (gather_wait B D c d σ F (r :: R) HS HI E) as (τ & F' & R' & T1 & T2 & T3 & T4 & T5).
  { intros i _. apply HM, Nat.mod_upper_bound. lia. }
  assert (HN : NoDup R').
  { pose proof (lru_NoDup (σ ++ τ)) as HN. rewrite T3, app_assoc in HN. revert HN. generalize (F' ++ B).
    intros Z. induction Z as [|z Z IHZ]; simpl; [auto|]. intros H. inversion_clear H. auto. }
  assert (HI' : incl (F' ++ R') D) by (intros x Hx; apply HI, T4, Hx).
  assert (HM' : meets (F' ++ R')).
  { intros j Hj. destruct (HM j Hj) as (q & Hq & Hl). exists q. split; [now apply T4 | exact Hl]. }
  destruct (in_dec Nat.eq_dec r R') as [Hin|Hout].
  - assert (T2' : serves ((σ ++ τ) ++ [r]) D c).
    { apply serves_hit; [exact T2 | apply HI', in_or_app; now right | now rewrite app_length, T1]. }
    assert (T3' : lru ((σ ++ τ) ++ [r]) = (r :: F') ++ B ++ evict r R').
    { rewrite app_assoc in T3. rewrite (hit_back _ _ _ r T3 Hin). simpl. now rewrite <- app_assoc. }
    assert (HS' : same ((r :: F') ++ evict r R') (F' ++ R')).
    { intros x. simpl. rewrite !in_app_iff, In_evict. destruct (Nat.eq_dec r x) as [->|Hne]; [tauto|]. intuition. }
    destruct (IH ((σ ++ τ) ++ [r]) (r :: F') (evict r R')) as (τ' & G & G1 & G2 & G3); auto.
    + pose proof (length_evict r R' HN Hin). pose proof (NoDup_incl_length HN T5). simpl in *. lia.
    + intros x Hx. apply HI', HS', Hx.
    + intros j Hj. destruct (HM' j Hj) as (q & Hq & Hl). exists q. split; [now apply HS' | exact Hl].
    + exists ((τ ++ [r]) ++ τ'), G. rewrite !app_assoc in *. split; [exact G1|]. split; [exact G2|].
      intros x. rewrite (G3 x), (HS' x). apply T4.
  - destruct (IH (σ ++ τ) F' R') as (τ' & G & G1 & G2 & G3); auto.
    + assert (HR : incl R' R).
      { intros x Hx. destruct (T5 x Hx) as [->|H]; [contradiction | exact H]. }
      pose proof (NoDup_incl_length HN HR). simpl in HL. lia.
    + exists (τ ++ τ'), G. rewrite !app_assoc in *. split; [exact G1|]. split; [exact G2|].
      intros x. rewrite (G3 x). apply T4.
Qed.

(** Cached pages whose layers come in turn are requested one after another. *)
Lemma run D c T : forall σ G R, serves σ D c -> lru σ = G ++ R -> NoDup T -> incl T R -> incl T D ->
  (forall i t, nth_error T i = Some t -> layer n t = (length σ + i) mod l) ->
  exists R', serves (σ ++ T) D c /\ lru (σ ++ T) = rev T ++ G ++ R' /\ forall q, In q R' <-> In q R /\ ~ In q T.
Proof.
  induction T as [|t T IH]; intros σ G R HS E HN HI HD HT.
  - exists R. rewrite app_nil_r. split; [exact HS|]. split; [exact E|]. intros q. simpl. tauto.
  - inversion_clear HN. pose proof (hit_back σ G R t E (HI t (or_introl eq_refl))) as E1.
    destruct (IH (σ ++ [t]) (t :: G) (evict t R)) as (R' & T1 & T2 & T3); auto.
    + apply serves_hit; [exact HS | apply HD; now left |]. rewrite (HT 0 t eq_refl). f_equal. lia.
    + intros x Hx. apply In_evict. split; [apply HI; now right | intros ->; contradiction].
    + intros x Hx. apply HD. now right.
    + intros i x Hx. rewrite (HT (S i) x Hx), app_length. simpl. f_equal. lia.
    + exists R'. change (σ ++ t :: T) with (σ ++ [t] ++ T). rewrite (app_assoc σ). split; [exact T1|]. split.
      * rewrite T2. simpl. now rewrite <- app_assoc.
      * intros q. rewrite (T3 q), In_evict. simpl. intuition.
Qed.

End LruHits.
