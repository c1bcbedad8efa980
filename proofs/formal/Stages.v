(** * Stages: which tokens the misses of KEEP policies move

    Notes: proofs/notes/keep-upper.md, claims 4 to 8, and proofs/notes/guided-keep-upper.md, claims 11 and 12.
    Time [T] has a full cache. A growth [b] has its stage l requests later, until the next growth has its own. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Offset Labels Low Turns Timeline Tokens LazyFacts Guided Far Keep KeepFacts.
Import ListNotations.

Lemma upto_diff f g a b : a <= b -> (forall t, a <= t -> t < b -> g t = true -> f t = true) ->
  upto g b + upto f a <= upto g a + upto f b.
Proof.
  induction 1 as [|b Hb IH]; intros H; [lia|]. cbn [upto].
  assert (IH' : upto g b + upto f a <= upto g a + upto f b) by (apply IH; intros; apply H; auto).
  destruct (g b) eqn:E; [rewrite (H b Hb ltac:(lia) E)|]; destruct (f b); lia.
Qed.

Lemma upto_add g x b : g x = false ->
  upto (fun t => g t || (t =? x)) b = upto g b + (if x <? b then 1 else 0).
Proof.
  intros Hx. induction b as [|b IH]; [reflexivity|]. cbn [upto]. rewrite IH.
  destruct (Nat.eqb_spec b x) as [->|Hne].
  - rewrite Hx. simpl. rewrite Nat.ltb_irrefl. replace (x <? S x) with true by (symmetry; apply Nat.ltb_lt; lia). lia.
  - rewrite orb_false_r. assert (E : (x <? S b) = (x <? b)).
    { destruct (x <? b) eqn:E; [apply Nat.ltb_lt in E; apply Nat.ltb_lt; lia | apply Nat.ltb_ge in E; apply Nat.ltb_ge; lia]. }
    rewrite E. lia.
Qed.

Section Stages.

Variables l n k : nat.
Hypothesis l_pos : 1 <= l.
Hypothesis k_enough : l <= k.

Let slots : 1 <= k.
Proof. lia. Qed.

Variable P : nat -> page.
Hypothesis P_endless : endless l n P.

Variable A : policy.
Hypothesis A_keep : keep_policy l n k A.
Let A_sparing : sparing l n k A := proj1 A_keep.

Variable T : nat.

Notation C := (C P A).
Hypothesis T_full : length (C T) = k.

Notation L := (L k P).
Notation G := (G k P).
Notation at_level := (at_level k P).
Notation pos := (pos k P).
Notation tokens := (tokens k P).
Notation pages := (pages l n).

Let C_NoDup := C_NoDup l n k P P_endless A A_sparing.
Let C_optimal := C_optimal l n k P P_endless A A_sparing.
Let C_enters := C_enters l n k P P_endless A A_sparing.
Let recent_cached := recent_cached l n k l_pos k_enough P P_endless A A_sparing.

Lemma full z : T <= z -> length (C z) = k.
Proof. induction 1; [exact T_full|]. now apply (C_full l n k P P_endless A A_sparing). Qed.

Lemma full_late : k <= T.
Proof. rewrite <- T_full. apply (C_length l n k P P_endless A A_sparing). Qed.

(** A miss without growth, at least l requests after T. *)
Definition X (z : nat) : bool := (T + l <=? z) && negb (G z) && negb (mem (P z) (C z)).

Lemma X_spec z : X z = true <-> T + l <= z /\ at_level z <= k /\ ~ In (P z) (C z).
Proof.
  unfold X. rewrite !andb_true_iff, !negb_true_iff, Nat.leb_le, mem_not_In, G_false. tauto.
Qed.

Lemma X_quiet z : X z = true -> G z = false.
Proof. intros H. apply G_false. now apply X_spec in H. Qed.

(** ** The page of a miss, and the pages missing with it *)

Lemma not_requested z t : ~ In (P z) (C z) -> t < z -> z < t + 2 * l -> P t <> P z.
Proof.
  intros HX H1 H2 E. apply HX. pose proof (endless_again l n P t z l_pos P_endless H1 H2 E). rewrite <- E. apply recent_cached; lia.
Qed.

Lemma gone y z q : y <= z -> ~ In q (C y) -> (forall t, y <= t -> t < z -> P t <> q) -> ~ In q (C z).
Proof.
  induction 1 as [|z Hz IH]; intros Hn H; [exact Hn|]. intros Hq. apply C_enters in Hq as [->|Hq].
  - apply (H z); auto.
  - revert Hq. apply IH; auto.
Qed.

(** Request [y] evicts the page requested l requests ago. *)
Definition drops (y : nat) : Prop := ~ In (P (y - l)) (C (S y)).

Lemma dropped y z : l <= y -> y < z -> z < y + l -> drops y -> ~ In (P (y - l)) (C z).
Proof.
  intros H1 H2 H3 HD. apply (gone (S y)); [lia | exact HD |]. intros t Ht1 Ht2 E.
  pose proof (endless_again l n P (y - l) t l_pos P_endless ltac:(lia) ltac:(lia) ltac:(now symmetry)). lia.
Qed.

Lemma growth_drops y : T <= y -> G y = true -> drops y.
Proof. intros H HG. apply (growth_evicts l n k l_pos k_enough P P_endless A A_sparing); [exact A_keep | |]; [exact HG | now apply full]. Qed.

(** ** Missing pages and tokens *)

(** The pages of level at most [j] that are not cached. *)
Definition absent (z j : nat) : nat := count (fun q => (L z q <=? j) && negb (mem q (C z))) pages.

Lemma C_pages z : incl (C z) pages.
Proof.
  intros q Hq. apply (C_requested l n k P P_endless A A_sparing) in Hq. apply pre_In in Hq as (s & _ & <-).
  apply in_seq. destruct (P_endless s). lia.
Qed.

Lemma absent_balance z j : j <= k ->
  low (L z) j (C z) + absent z j + blanks k P z j = j + tokens z j.
Proof.
  intros Hj. rewrite <- (balance l n k slots P P_endless z j Hj). f_equal.
  unfold lows, low, absent.
  assert (E : forall D, count (fun q => L z q <=? j) D =
    count (fun q => (L z q <=? j) && mem q (C z)) D + count (fun q => (L z q <=? j) && negb (mem q (C z))) D).
  { induction D as [|x D IH]; [reflexivity|]. rewrite !count_cons, IH.
    destruct (_ <=? _), (mem _ _); simpl; lia. }
  rewrite (E pages). f_equal. apply Nat.le_antisymm; apply count_le.
  - apply C_NoDup.
  - intros q Hq H. split; [now apply (C_pages z)|]. apply mem_In in Hq. now rewrite H, Hq.
  - apply seq_NoDup.
  - intros q _ H. apply andb_true_iff in H as [H1 H2]. split; [now apply mem_In | exact H1].
Qed.

Lemma absent_tokens z j : T <= z -> j <= k -> absent z j + blanks k P z j <= tokens z j.
Proof.
  intros Hz Hj. pose proof (absent_balance z j Hj).
  pose proof (low_of_optimal k (L z) (C z) j (full z Hz) (C_optimal z) Hj). lia.
Qed.

Lemma absent_list z j M : NoDup M ->
  (forall q, In q M -> L z q <= j /\ ~ In q (C z) /\ In q pages) -> length M <= absent z j.
Proof.
  intros HN H. rewrite <- (count_true (fun _ => true) M) by reflexivity. apply count_le; [exact HN|].
  intros q Hq _. destruct (H q Hq) as (H1 & H2 & H3). split; [exact H3|].
  apply Nat.leb_le in H1. apply mem_not_In in H2. now rewrite H1, H2.
Qed.

Lemma page_In t : In (P t) pages.
Proof. apply in_seq. destruct (P_endless t). lia. Qed.

(** Claim 6: beside the page of a miss the pages dropped in the last l requests are missing. *)
Lemma dropped_tokens f z : X z = true ->
  (forall y, z < y + l -> y < z -> f y = true -> drops y) ->
  1 + upto f z <= tokens z (at_level z) + upto f (z + 1 - l).
Proof.
  intros HX H. apply X_spec in HX as (H1 & H2 & H3). pose proof full_late.
  pose proof (absent_tokens z (at_level z) ltac:(lia) H2) as HA.
  pose proof (times_length f (z + 1 - l) z ltac:(lia)) as HL.
  enough (S (length (times f (z + 1 - l) z)) <= absent z (at_level z)) by lia.
  rewrite <- (map_length (fun y => P (y - l))).
  change (length (P z :: map (fun y => P (y - l)) (times f (z + 1 - l) z)) <= absent z (at_level z)).
  apply absent_list.
  - constructor.
    + rewrite in_map_iff. intros (y & E & Hy). apply times_In in Hy.
      apply (not_requested z (y - l)); auto; lia.
    + pose proof (times_NoDup f (z + 1 - l) z) as HN.
      assert (HI : forall y, In y (times f (z + 1 - l) z) -> z + 1 - l <= y /\ y < z).
      { intros y Hy. apply times_In in Hy. lia. }
      revert HN HI. generalize (times f (z + 1 - l) z). induction 1 as [|y ys Hy HN IH]; intros HI; simpl; constructor.
      * rewrite in_map_iff. intros (x & E & Hx). pose proof (HI y ltac:(now left)).
        pose proof (HI x ltac:(now right)). destruct (Nat.lt_trichotomy x y) as [Hlt|[->|Hlt]]; [|contradiction|].
        -- apply (endless_other l n P (x - l) (y - l) P_endless); auto; lia.
        -- apply (endless_other l n P (y - l) (x - l) P_endless); auto; lia.
      * apply IH. intros x Hx. apply HI. now right.
  - intros q [<-|Hq]; [split; [unfold Tokens.at_level; lia | split; [exact H3 | apply page_In]]|].
    apply in_map_iff in Hq as (y & <- & Hy). apply times_In in Hy as (Hy1 & Hy2 & Hy3).
    split; [|split; [|apply page_In]].
    + apply (recency k slots P); [lia|]. intros s Hs1 Hs2. apply not_requested; auto; lia.
    + apply dropped; [lia | lia | lia |]. apply H; auto; lia.
Qed.

(** ** Old tokens: those of growths b <= z - l; the youngest ones first *)

(** Growth [b] is the youngest old one at [z]. *)
Definition in_stage (b z : nat) : Prop := b + l <= z /\ upto G (S b) = upto G (z + 1 - l).

(** How many growths are young at [z]. *)
Definition young (z : nat) : nat := upto G z - upto G (z + 1 - l).

Lemma tokens_old z j : upto (fun b => G b && (pos b z <=? j)) (z + 1 - l) + young z >= tokens z j.
Proof.
  unfold young, Tokens.tokens. pose proof (upto_mono G (z + 1 - l) z ltac:(lia)).
  pose proof (upto_diff G (fun b => G b && (pos b z <=? j)) (z + 1 - l) z ltac:(lia)) as H0.
  cbv beta in H0. specialize (H0 ltac:(intros t _ _ E; now apply andb_true_iff in E)). lia.
Qed.

Lemma youngest b z j : in_stage b z -> young z < tokens z j -> pos b z <= j.
Proof.
  intros [H1 H2] H. pose proof (tokens_old z j).
  destruct (upto_last (fun b => G b && (pos b z <=? j)) 0 (z + 1 - l)) as (b0 & _ & Hb & E & _); [simpl; lia|].
  apply andb_true_iff in E as [E1 E2]. apply Nat.leb_le in E2.
  assert (b0 <= b).
  { destruct (Nat.le_gt_cases b0 b) as [|Hgt]; [assumption|].
    pose proof (upto_none G (S b) (z + 1 - l) b0 H2 ltac:(lia) Hb). congruence. }
  pose proof (pos_order k slots P b0 b z ltac:(lia) ltac:(lia)). lia.
Qed.

Lemma second_youngest a b z j : a < b -> upto G (S a) = upto G b -> in_stage b z ->
  young z + 1 < tokens z j -> pos a z <= j.
Proof.
  intros Hab Ha [H1 H2] H. pose proof (tokens_old z j) as HO.
  set (g := fun b => G b && (pos b z <=? j)) in *.
  pose proof (upto_diff G g b (z + 1 - l) ltac:(lia)) as HD.
  specialize (HD ltac:(intros t _ _ E; now apply andb_true_iff in E)).
  assert (HG : upto G (S b) <= upto G b + 1) by (cbn [upto]; destruct (G b); lia).
  destruct (upto_last g 0 b) as (b0 & _ & Hb & E & _); [simpl; lia|].
  apply andb_true_iff in E as [E1 E2]. apply Nat.leb_le in E2.
  assert (b0 <= a).
  { destruct (Nat.le_gt_cases b0 a) as [|Hgt]; [assumption|].
    pose proof (upto_none G (S a) b b0 Ha ltac:(lia) Hb). congruence. }
  pose proof (pos_order k slots P b0 a z ltac:(lia) ltac:(lia)). lia.
Qed.

(** Claim 6. *)
Lemma moves_in_stage b z : X z = true -> in_stage b z -> pos b z <= at_level z.
Proof.
  intros HX HS. apply (youngest b z); [exact HS|].
  pose proof (dropped_tokens G z HX) as H. pose proof (X_spec z) as [HX' _]. specialize (HX' HX).
  specialize (H ltac:(intros; apply growth_drops; auto; lia)). unfold young.
  pose proof (upto_mono G (z + 1 - l) z ltac:(lia)). lia.
Qed.

(** Claim 7. *)
Lemma moves_soon b z : X z = true -> G b = true -> b < z -> z < b + 2 * l -> pos b z <= at_level z.
Proof.
  intros HX HG H1 H2. apply X_spec in HX as (_ & _ & HX).
  apply (unrequested_above k slots P); auto. intros t Ht1 Ht2. apply not_requested; auto; lia.
Qed.

(** Claim 4. *)
Lemma young_pos b d : G b = true -> d < l ->
  pos b (S b + d) + upto G (S b + d) = 2 + d + upto G (S b).
Proof.
  intros HG. induction d as [|d IH]; intros Hd; [rewrite Nat.add_0_r, pos_birth; lia|].
  specialize (IH ltac:(lia)). rewrite Nat.add_succ_r, pos_S by lia.
  change (upto G (S (S b + d))) with (upto G (S b + d) + (if G (S b + d) then 1 else 0)).
  destruct (G (S b + d)) eqn:E.
  - apply G_true, Nat.leb_gt in E. unfold Labels.risen. rewrite E.
    pose proof (pos_ge k slots P b (S b + d) ltac:(lia)). destruct (_ =? 1) eqn:F; [apply Nat.eqb_eq in F; lia|]. lia.
  - apply G_false in E. rewrite risen_moved; [lia | exact E |].
    apply (unrequested_above k slots P); [exact HG | lia |].
    intros t Ht1 Ht2. apply (endless_other l n P t _ P_endless); lia.
Qed.

Lemma old_pos b : G b = true -> pos b (b + l) + upto G (b + l) = l + 1 + upto G (S b).
Proof.
  intros HG. pose proof (young_pos b (l - 1) HG ltac:(lia)) as H.
  replace (S b + (l - 1)) with (b + l) in H by lia. lia.
Qed.

(** Requests that move a token, from one time to another. *)
Lemma moves_count f b y z : b < y -> y <= z ->
  (forall t, y <= t -> t < z -> f t = true -> X t = true /\ pos b t <= at_level t) ->
  upto f z + pos b y <= upto f y + pos b z.
Proof.
  intros Hb. induction 1 as [|z Hz IH]; intros H; [lia|]. cbn [upto]. rewrite pos_S by lia.
  assert (IH' : upto f z + pos b y <= upto f y + pos b z) by (apply IH; intros; apply H; auto).
  pose proof (risen_up k slots (at_level z) (pos b z)). destruct (f z) eqn:E; [|lia].
  destruct (H z Hz ltac:(lia) E) as [HX HM]. apply X_spec in HX as (_ & HX & _).
  rewrite risen_moved by assumption. lia.
Qed.

(** Claim 8. *)
Lemma stage_count b z : G b = true -> b + l <= z ->
  (forall t, b + l <= t -> t < z -> t < b + 2 * l \/ in_stage b t) ->
  upto X z + l + upto G (S b) <= upto X (b + l) + k + upto G (b + l).
Proof.
  intros HG Hz H. pose proof (moves_count X b (b + l) z ltac:(lia) Hz) as HM.
  pose proof (old_pos b HG). pose proof (pos_le k slots P b z ltac:(lia)).
  enough (upto X z + pos b (b + l) <= upto X (b + l) + pos b z) by lia. apply HM.
  intros t Ht1 Ht2 HX. split; [exact HX|]. destruct (H t Ht1 Ht2) as [Hs|Hs].
  - apply moves_soon; auto. lia.
  - now apply moves_in_stage.
Qed.

(** ** Claim 11: guided-keep only *)

Hypothesis A_guided_keep : guided_keep l n k A.

Lemma leaves_between y z q : y <= z -> In q (C y) -> ~ In q (C z) ->
  exists x, y <= x /\ x < z /\ In q (C x) /\ ~ In q (C (S x)).
Proof.
  induction 1 as [|z Hz IH]; intros H1 H2; [contradiction|].
  destruct (in_dec Nat.eq_dec q (C z)) as [H|H].
  - exists z. repeat split; auto.
  - destruct (IH H1 H) as (x & ? & ? & ? & ?). exists x. repeat split; auto.
Qed.

Lemma leaves_rule x v : In v (C x) -> ~ In v (C (S x)) ->
  optimal k (L (S x)) (P x :: evict (P (x - l)) (C x)) -> v = P (x - l).
Proof.
  intros Hv Hn HO. destruct (C_leaves l n k P P_endless A A_sparing x v Hv Hn) as (Hp & HK & _).
  pose proof (C_length l n k P P_endless A A_sparing x).
  destruct (proj2 A_guided_keep (pre P x) (P x) v) as [K1 _]; auto.
  { rewrite <- pre_S. now apply pre_layered. }
  { unfold KeepFacts.C in Hn. now rewrite pre_S in Hn. }
  rewrite (last_page_at l k) in K1 by lia. apply K1. unfold Far.safe. rewrite <- pre_S. exact HO.
Qed.

Lemma someone_leaves z : T <= z -> ~ In (P z) (C z) -> exists v, In v (C z) /\ ~ In v (C (S z)).
Proof.
  intros Hz Hp. pose proof (full z Hz).
  destruct (C_move l n k P P_endless A A_sparing z) as [[? _]|[(_ & ? & _)|(_ & _ & q & Hq & H0)]];
    [contradiction | lia |].
  exists q. split; [exact Hq|]. intros H1. apply H0 in H1 as [<-|H1]; [contradiction|].
  apply In_evict in H1. tauto.
Qed.

Lemma low_miss z i : 1 <= i -> low (L (S z)) i (P z :: C z) = 1 + low (L (S z)) i (C z).
Proof. intros Hi. rewrite low_cons, L_same. apply Nat.leb_le in Hi. now rewrite Hi. Qed.

Lemma low_enough z i : T <= z -> ~ In (P z) (C z) -> 1 <= i -> i <= k ->
  i <= low (L (S z)) i (P z :: C z).
Proof.
  intros Hz Hp H1 H2. rewrite low_miss by assumption.
  pose proof (low_above (L (S z)) i (C z)) as HL. rewrite (full z Hz) in HL.
  pose proof (after_miss k slots (pre P z) (P z) (C z) i (C_NoDup z)) as HA. rewrite <- pre_S in HA.
  specialize (HA ltac:(rewrite (full z Hz); lia) (C_optimal z) Hp H1 H2). unfold Tokens.L in *. lia.
Qed.

(** Why a page is not safe. *)
Lemma unsafe_witness z v : T <= z -> ~ In (P z) (C z) -> In v (C z) ->
  ~ optimal k (L (S z)) (P z :: evict v (C z)) ->
  exists i, 1 <= i /\ i <= k /\ L (S z) v <= i /\ low (L (S z)) i (P z :: C z) = i.
Proof.
  intros Hz Hp Hv HO.
  destruct (existsb (fun i => (L (S z) v <=? i) && (low (L (S z)) i (P z :: C z) =? i)) (seq 1 k)) eqn:E.
  - apply existsb_exists in E as (i & Hi & E). apply in_seq in Hi. apply andb_true_iff in E as [E1 E2].
    apply Nat.leb_le in E1. apply Nat.eqb_eq in E2. exists i. repeat split; auto; lia.
  - exfalso. apply HO, low_optimal.
    { simpl. pose proof (length_evict v (C z) (C_NoDup z) Hv). pose proof (full z Hz). lia. }
    intros i Hi. destruct i as [|i]; [lia|].
    pose proof (low_enough z (S i) Hz Hp ltac:(lia) Hi) as HL.
    pose proof (low_evict (L (S z)) (S i) v (C z) (C_NoDup z) Hv) as HV.
    rewrite low_cons in *. destruct (L (S z) v <=? S i) eqn:F; [|lia].
    destruct (Nat.eq_dec (low (L (S z)) (S i) (P z :: C z)) (S i)) as [F'|F']; [|rewrite low_cons in F'; lia].
    exfalso. assert (existsb (fun i => (L (S z) v <=? i) && (low (L (S z)) i (P z :: C z) =? i)) (seq 1 k) = true);
      [|congruence].
    apply existsb_exists. exists (S i). split; [apply in_seq; lia|]. now rewrite F, F', Nat.eqb_refl.
Qed.

Lemma safe_above z v i : T <= z -> In v (C z) -> optimal k (L (S z)) (P z :: evict v (C z)) -> i <= k ->
  low (L (S z)) i (P z :: C z) = i -> i < L (S z) v.
Proof.
  intros Hz Hv HO Hi HL. pose proof (length_evict v (C z) (C_NoDup z) Hv). pose proof (full z Hz).
  pose proof (low_of_optimal k (L (S z)) (P z :: evict v (C z)) i ltac:(simpl; lia) HO Hi) as H1.
  pose proof (low_evict (L (S z)) i v (C z) (C_NoDup z) Hv) as HV. rewrite low_cons in *.
  destruct (L (S z) v <=? i) eqn:F; [lia | now apply Nat.leb_gt in F].
Qed.

Lemma blanks_mono z i j : i <= j -> blanks k P z i <= blanks k P z j.
Proof.
  intros H. apply upto_imp. intros t _ E. apply Nat.leb_le in E. apply Nat.leb_le. lia.
Qed.

Section Busy.

(** A growth with another one in the l-1 requests after it. *)
Variable b : nat.
Hypothesis b_growth : G b = true.
Hypothesis b_late : T <= b.
Hypothesis b_busy : upto G (S b) < upto G (b + l).

Lemma stage_short z : in_stage b z -> z + 1 < b + 2 * l.
Proof.
  intros [H1 H2]. destruct (Nat.le_gt_cases (b + l) (z + 1 - l)) as [H|H]; [|lia].
  pose proof (upto_mono G (b + l) (z + 1 - l) H). lia.
Qed.

Lemma in_stage_before x z : in_stage b z -> b + l <= x -> x <= z -> in_stage b x.
Proof.
  intros [H1 H2] H3 H4. split; [exact H3|]. pose proof (upto_mono G (S b) (x + 1 - l) ltac:(lia)).
  pose proof (upto_mono G (x + 1 - l) (z + 1 - l) ltac:(lia)). lia.
Qed.

(** Claim 11 (b). *)
Lemma blocked z : X z = true -> in_stage b z ->
  (forall x, b + l <= x -> x <= z -> X x = true -> ~ drops x) ->
  forall i, 1 <= i -> i <= k -> L (S z) (P (z - l)) <= i -> low (L (S z)) i (P z :: C z) = i ->
  i <= at_level z /\ pos b z + 1 <= i /\ low (L z) (i - 1) (C z) = i - 1 /\ young z < tokens z (i - 1).
Proof.
  induction z as [z IH] using lt_wf_ind. intros HX HS Hno i Hi1 Hi2 HW HL.
  pose proof HX as HX'. apply X_spec in HX' as (X1 & X2 & X3). pose proof full_late as FL.
  assert (Hz : T <= z) by lia. pose proof HS as [S1 S2]. pose proof (stage_short z HS) as S3.
  assert (Hw : In (P (z - l)) (C z)) by (apply recent_cached; lia).
  assert (Hwp : P (z - l) <> P z) by (intros E; rewrite E in Hw; contradiction).
  rewrite low_miss in HL by assumption.
  assert (Hat : i <= at_level z).
  { destruct (Nat.le_gt_cases i (at_level z)) as [|Hgt]; [assumption|]. exfalso.
    pose proof (low_of_optimal k (L z) (C z) i (full z Hz) (C_optimal z) Hi2) as H0.
    assert (low (L z) i (C z) <= low (L (S z)) i (C z)); [|lia].
    apply count_imp. intros q _ E. apply Nat.leb_le in E. apply Nat.leb_le. unfold Tokens.L in *. rewrite pre_S.
    now apply (inside_up_to_high k (pre P z) (P z) q i X2 Hgt). }
  assert (Hi : 2 <= i).
  { assert (L (S z) (P (z - l)) <> 1); [|pose proof (L_pos k P (S z) (P (z - l))); lia].
    unfold Tokens.L. rewrite pre_S. intros E. apply level_one in E. contradiction. }
  destruct i as [|j]; [lia|]. replace (S j - 1) with j by lia.
  assert (HJ : forall q, q <> P z -> (L (S z) q <= S j <-> L z q <= j)).
  { intros q Hq. unfold Tokens.L. rewrite pre_S.
    rewrite (inside_up_to_low k (pre P z) (P z) q j X2 Hat). intuition. }
  assert (HLj : low (L z) j (C z) = j).
  { replace (low (L z) j (C z)) with (low (L (S z)) (S j) (C z)); [lia|]. unfold low.
    apply Nat.le_antisymm; apply count_imp; intros q Hq E; apply Nat.leb_le in E; apply Nat.leb_le;
      apply HJ; auto; intros ->; contradiction. }
  assert (HWj : L z (P (z - l)) <= j) by now apply HJ.
  split; [exact Hat|].
  set (g := fun t => G t && (pos t z <=? j)).
  assert (HG : upto G z + upto g (z + 1 - l) <= upto G (z + 1 - l) + upto g z).
  { apply (upto_diff g G); [lia|]. intros t Ht1 Ht2 E. unfold g. rewrite E. simpl. apply Nat.leb_le.
    apply Nat.le_trans with (L z (P (z - l))); [|exact HWj].
    apply (unrequested_above k slots P); auto. intros s Hs1 Hs2 Es.
    apply (endless_other l n P (z - l) s P_endless); auto; lia. }
  change (upto g z) with (tokens z j) in HG. unfold young.
  pose proof (upto_mono G (z + 1 - l) z ltac:(lia)) as HM.
  destruct (Nat.le_gt_cases (pos b z) j) as [Hb|Hb].
  - split; [lia|]. split; [exact HLj|].
    assert (upto g 0 < upto g (z + 1 - l)); [|simpl in *; lia].
    apply (upto_some g 0 (z + 1 - l) b); [lia | lia |]. unfold g. rewrite b_growth. now apply Nat.leb_le.
  - exfalso. pose proof (absent_balance z j ltac:(lia)) as HB. rewrite HLj in HB.
    replace (blanks k P z j) with 0 in HB.
    2: { symmetry. apply upto_zero. intros t _. apply Nat.leb_gt.
         pose proof (blank_above k slots P b t z b_growth ltac:(lia)). lia. }
    pose proof (times_length G (b + l) z S1) as HT.
    enough (absent z j <= length (times G (b + l) z)) by lia.
    rewrite <- (map_length (fun x => P (x - l))).
    rewrite <- (count_true (fun _ => true) (map _ _)) by reflexivity.
    apply count_le; [apply seq_NoDup|]. intros m _ E. split; [|reflexivity].
    apply andb_true_iff in E as [E1 E2]. apply Nat.leb_le in E1. apply negb_true_iff, mem_not_In in E2.
    set (f := fun t => P t =? m).
    assert (Hf : upto f b < upto f z).
    { pose proof (upto_mono f b z ltac:(lia)). destruct (Nat.eq_dec (upto f b) (upto f z)) as [Ef|]; [|lia].
      exfalso. assert (pos b z <= L z m); [|lia]. apply (unrequested_above k slots P); [exact b_growth | lia |].
      intros t Ht1 Ht2. pose proof (upto_none f b z t Ef Ht1 Ht2) as F. now apply Nat.eqb_neq in F. }
    destruct (upto_last f b z Hf) as (y & Hy1 & Hy2 & Fy & _). apply Nat.eqb_eq in Fy.
    destruct (leaves_between (S y) z m) as (x & Hx1 & Hx2 & Hx3 & Hx4); [lia | | exact E2 |].
    { rewrite <- Fy. apply (C_request l n k P P_endless A A_sparing). }
    assert (Hxy : y + l <= x).
    { destruct (Nat.le_gt_cases (y + l) x) as [|Hlt]; [assumption|]. exfalso. apply Hx4. rewrite <- Fy.
      apply recent_cached; lia. }
    apply in_map_iff. exists x.
    destruct (C_leaves l n k P P_endless A A_sparing x m Hx3 Hx4) as (Hp & HK & HO).
    destruct (G x) eqn:Gx.
    + split; [|apply times_In; repeat split; auto; lia]. symmetry. apply leaves_rule; auto.
      apply (growth_safe l n k l_pos k_enough P P_endless A A_sparing x); auto. apply recent_cached; lia.
    + exfalso. assert (HXx : X x = true).
      { apply X_spec. split; [lia|]. split; [now apply G_false | exact Hp]. }
      pose proof (Hno x ltac:(lia) ltac:(lia) HXx) as Hd.
      destruct (unsafe_witness x (P (x - l))) as (i & I1 & I2 & I3 & I4); [lia | exact Hp | apply recent_cached; lia | |].
      { intros H0. apply Hd. unfold drops. now rewrite <- (leaves_rule x m Hx3 Hx4 H0). }
      destruct (IH x Hx2 HXx (in_stage_before x z HS ltac:(lia) ltac:(lia))) with (i := i) as (J1 & J2 & _); auto.
      { intros. apply Hno; auto; lia. }
      pose proof (safe_above x m i ltac:(lia) Hx3 HO I2 I4) as HA.
      pose proof (requested_below k slots P b y (S x) Hy1 ltac:(lia)) as HR. rewrite Fy in HR.
      rewrite pos_S, risen_moved in HR by (try apply X_spec in HXx; lia). lia.
Qed.

Variable a : nat.
Hypothesis a_before : a < b.
Hypothesis a_next : upto G (S a) = upto G b.

(** All misses of the stage but the first one that drops its page move the token of [a] too. *)
Lemma moves_second z : X z = true -> in_stage b z -> pos a z <= at_level z \/
  (drops z /\ forall x, b + l <= x -> x < z -> X x = true -> ~ drops x).
Proof.
  intros HX HS. pose proof HX as HX'. apply X_spec in HX' as (X1 & X2 & X3).
  pose proof HS as [S1 S2]. pose proof (stage_short z HS) as S3.
  set (f := fun x => X x && negb (mem (P (x - l)) (C (S x)))).
  assert (Fx : forall x, f x = true <-> X x = true /\ drops x).
  { intros x. unfold f, drops. now rewrite andb_true_iff, negb_true_iff, mem_not_In. }
  pose proof (upto_mono G (z + 1 - l) z ltac:(lia)) as HM.
  destruct (Nat.eq_dec (upto f (b + l)) (upto f z)) as [Ef|Ef].
  - assert (Hno : forall x, b + l <= x -> x < z -> X x = true -> ~ drops x).
    { intros x Hx1 Hx2 HXx Hd. pose proof (upto_none f (b + l) z x Ef Hx1 Hx2).
      assert (f x = true) by now apply Fx. congruence. }
    destruct (in_dec Nat.eq_dec (P (z - l)) (C (S z))) as [Hin|Hd]; [left | right; now split].
    destruct (someone_leaves z ltac:(lia) X3) as (v & V1 & V2).
    destruct (unsafe_witness z (P (z - l))) as (i & I1 & I2 & I3 & I4); [lia | exact X3 | apply recent_cached; lia | |].
    { intros H0. apply V2. now rewrite (leaves_rule z v V1 V2 H0). }
    destruct (blocked z HX HS) with (i := i) as (J1 & J2 & J3 & J4); auto.
    { intros x Hx1 Hx2 HXx. destruct (Nat.eq_dec x z) as [->|]; [intros H0; now apply H0 | apply Hno; auto; lia]. }
    apply (second_youngest a b z); auto.
    pose proof (absent_balance z (i - 1) ltac:(lia)) as B1.
    pose proof (absent_tokens z (at_level z) ltac:(lia) X2) as B2.
    pose proof (blanks_mono z (i - 1) (at_level z) ltac:(lia)).
    enough (absent z (i - 1) + 1 <= absent z (at_level z)) by lia.
    pose proof (count_evict (fun q => (L z q <=? at_level z) && negb (mem q (C z))) (P z) pages
      ltac:(apply seq_NoDup) (page_In z)) as HE.
    cbv beta in HE. apply mem_not_In in X3. rewrite X3 in HE. unfold Tokens.at_level in HE.
    rewrite Nat.leb_refl in HE. simpl in HE. unfold Tokens.at_level.
    change (absent z (i - 1) + 1 <= count (fun q => (L z q <=? L z (P z)) && negb (mem q (C z))) pages).
    rewrite <- HE. apply Nat.add_le_mono_r. apply count_le; [apply seq_NoDup|].
    intros q Hq E. apply andb_true_iff in E as [E1 E2]. apply Nat.leb_le in E1. rewrite E2.
    unfold Tokens.at_level in J1. split.
    + apply In_evict. split; [exact Hq|]. intros ->. lia.
    + rewrite andb_true_r. apply Nat.leb_le. lia.
  - left. pose proof (upto_mono f (b + l) z S1).
    destruct (upto_last f (b + l) z ltac:(lia)) as (x & Hx1 & Hx2 & Ex & _). apply Fx in Ex as [Ex1 Ex2].
    apply (second_youngest a b z); auto.
    pose proof (dropped_tokens (fun t => G t || (t =? x)) z HX) as HD.
    rewrite !upto_add in HD by now apply X_quiet.
    replace (x <? z) with true in HD by (symmetry; now apply Nat.ltb_lt).
    replace (x <? z + 1 - l) with false in HD by (symmetry; apply Nat.ltb_ge; lia).
    unfold young. enough (1 + (upto G z + 1) <= tokens z (at_level z) + (upto G (z + 1 - l) + 0)) by lia.
    apply HD. intros y Hy1 Hy2 E. apply orb_true_iff in E as [E|E].
    + apply growth_drops; auto. lia.
    + apply Nat.eqb_eq in E. now subst y.
Qed.

Hypothesis a_growth : G a = true.

(** Claim 12. *)
Lemma two_stages z : b + l <= z -> (forall t, b + l <= t -> t < z -> in_stage b t) ->
  upto X z + l + upto G (S a) <= upto X (a + l) + k + upto G (a + l) + 1.
Proof.
  intros Hz HS. set (f := fun t => X t && (pos a t <=? at_level t)).
  set (g := fun t => X t && negb (pos a t <=? at_level t)).
  assert (HX : forall t, upto X t = upto f t + upto g t).
  { induction t as [|t IH]; [reflexivity|]. cbn [upto]. rewrite IH. unfold f, g.
    destruct (X t), (pos a t <=? at_level t); simpl; lia. }
  pose proof (moves_count f a (a + l) z ltac:(lia) ltac:(lia)) as HM.
  assert (HM' : upto f z + pos a (a + l) <= upto f (a + l) + pos a z).
  { apply HM. intros t _ _ E. apply andb_true_iff in E as [E1 E2]. apply Nat.leb_le in E2. now split. }
  pose proof (old_pos a a_growth). pose proof (pos_le k slots P a z ltac:(lia)).
  rewrite !HX. enough (upto g z <= upto g (a + l) + 1) by lia.
  assert (HB : forall t, a + l <= t -> t < z -> g t = true ->
    b + l <= t /\ X t = true /\ drops t /\ forall x, b + l <= x -> x < t -> X x = true -> ~ drops x).
  { intros t Ht1 Ht2 E. apply andb_true_iff in E as [E1 E2]. apply negb_true_iff, Nat.leb_gt in E2.
    destruct (Nat.lt_ge_cases t (b + l)) as [Hlt|Hge].
    - exfalso. assert (in_stage a t); [|pose proof (moves_in_stage a t E1 H1); lia]. split; [exact Ht1|].
      pose proof (upto_mono G (S a) (t + 1 - l) ltac:(lia)). pose proof (upto_mono G (t + 1 - l) b ltac:(lia)). lia.
    - destruct (moves_second t E1 (HS t Hge Ht2)) as [H1|H1]; [lia | auto]. }
  destruct (Nat.le_gt_cases (upto g z) (upto g (a + l) + 1)) as [|Hgt]; [assumption|]. exfalso.
  destruct (upto_last g (a + l) z ltac:(lia)) as (y & Y1 & Y2 & Y3 & Y4).
  destruct (upto_last g (a + l) y ltac:(lia)) as (x & Z1 & Z2 & Z3 & _).
  destruct (HB y Y1 Y2 Y3) as (_ & _ & _ & HN). destruct (HB x Z1 ltac:(lia) Z3) as (B1 & B2 & B3 & _).
  now apply (HN x).
Qed.

End Busy.

End Stages.
