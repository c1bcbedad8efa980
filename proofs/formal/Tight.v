(** * Tight: guided-far has ratio at most max(l, k-l+1), and so k-l+1 for k >= 2l-1

    Note: proofs/notes/guided-far-upper.md; the window is counted in another way here. On a miss with
    a full cache guided-far evicts, among the safe pages, one whose layer is visited last; ties may be
    broken in any way. Main theorems: [far_upper], ALG <= max(l, k-l+1) OPT with
    constant 0 at every prefix; [far_exists]; [deterministic_value], with [deterministic_lower]: for
    2l-1 <= k < l n the best deterministic ratio is k-l+1.

    The idea. A segment begins with a growth of OPT and ends before the next one; let s be the number
    of distinct pages requested in it. Its first l requests are of different layers, so s is l after
    them, and each later miss raises s by one: a segment costs at most 1 + x + (s-l), where x counts
    the misses among its requests 2, ..., l. The point is that x is at most k-s' where s' >= l+1 is the
    s at the end of the segment before ([window]): if one of the first s' pages is not cached any
    more, its layer does not come again in these l requests, as the farthest layer is evicted first.
    So what one segment costs too much the one before cost too little, and k-s pays for it ([slack]).
    For s' <= l the trivial x <= l-1 is enough: the segment before
    had no misses but its growth and those in its window. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Offset Since Rule LazyFacts Guided Turns.
From LayeredPaging Require Import DeterministicLower.
Import ListNotations.

Section Tight.

Variables l n k : nat.
Hypothesis l_pos : 1 <= l.
Hypothesis k_enough : l <= k.

Let slots : 1 <= k.
Proof. lia. Qed.

Notation level := (levels_of k).
Notation since := (since k).

(** How many requests of other layers come before the next one of the layer of [q], after request
    number [t]: from 0 to l-1, the latter for the layer of request [t] itself. *)
Definition distance (t : nat) (q : page) : nat := (layer n q + (l - 1 - t mod l)) mod l.

Definition safe (σ : list page) (C : cache) (p q : page) : Prop :=
  optimal k (level (σ ++ [p])) (p :: evict q C).

(** Guided-far: guided, and no safe page is visited later than the one evicted. *)
Definition far (A : policy) : Prop :=
  forall σ p v q, layered l n (σ ++ [p]) -> ~ In p (A σ) -> length (A σ) = k ->
    In v (A σ) -> ~ In v (A (σ ++ [p])) -> In q (A σ) -> safe σ (A σ) p q ->
    distance (length σ) q <= distance (length σ) v.

Definition guided_far (A : policy) : Prop := guided l n k A /\ far A.

(** ** Turns *)

Lemma distance_spec t q d : d < l -> layer n q = (t + 1 + d) mod l -> distance t q = d.
Proof.
  intros Hd E. apply (mod_unique l (t + 1)); [apply Nat.mod_upper_bound; lia | exact Hd|].
  rewrite <- E. unfold distance. rewrite Nat.add_mod_idemp_r by lia.
  pose proof (Nat.div_mod t l ltac:(lia)) as E1. pose proof (Nat.mod_upper_bound t l ltac:(lia)).
  replace (t + 1 + (layer n q + (l - 1 - t mod l))) with (layer n q + (t / l + 1) * l) by lia.
  rewrite Nat.mod_add by lia. apply Nat.mod_small. rewrite E. apply Nat.mod_upper_bound. lia.
Qed.

(** ** Counting pages of low level *)

Definition low (L : levels) (i : nat) (C : cache) : nat := count (fun q => L q <=? i) C.

Lemma low_above L i C : low L i C + above L i C = length C.
Proof.
  unfold low, above. rewrite <- (count_split (fun q => L q <=? i) C). f_equal. unfold count. f_equal.
  apply filter_ext. intros q. now rewrite Nat.ltb_antisym.
Qed.

Lemma low_optimal L C : length C = k -> (forall i, i <= k -> i <= low L i C) -> optimal k L C.
Proof. intros HL H i Hi. specialize (H i Hi). pose proof (low_above L i C). lia. Qed.

Lemma optimal_low L C i : length C = k -> optimal k L C -> i <= k -> i <= low L i C.
Proof. intros HL H Hi. specialize (H i Hi). pose proof (low_above L i C). lia. Qed.

Lemma low_cons L i p C : low L i (p :: C) = (if L p <=? i then 1 else 0) + low L i C.
Proof. apply count_cons. Qed.

Lemma low_evict L i p C : NoDup C -> In p C ->
  low L i (evict p C) + (if L p <=? i then 1 else 0) = low L i C.
Proof. intros. now apply (count_evict (fun q => L q <=? i)). Qed.

(** The pages since the last growth have the levels 1, 2, ... *)
Lemma low_since σ i : i <= length (since σ) -> low (level σ) i (since σ) = i.
Proof.
  intros Hi. destruct (since_levels k slots σ) as (_ & HM & _ & _). revert Hi HM.
  generalize (since σ). intros Q Hi HM. unfold low, count.
  assert (HC : forall C m, map (level σ) C = seq m (length C) ->
    length (filter (fun q => level σ q <=? i) C) = Nat.min (length C) (S i - m)).
  { induction C as [|x C IH]; intros m H; [reflexivity|]. simpl in H. injection H as Hx HC.
    specialize (IH _ HC). cbn [filter length]. rewrite Hx. destruct (m <=? i) eqn:E.
    - apply Nat.leb_le in E. cbn [length]. rewrite IH. lia.
    - apply Nat.leb_gt in E. rewrite IH. lia. }
  rewrite (HC Q 1 HM). lia.
Qed.

(** Two members of a set with a property of which all but one have it ... are the same. *)
Lemma one_left f C x y : NoDup C -> count f C + 1 = length C ->
  In x C -> f x = false -> In y C -> f y = false -> x = y.
Proof.
  intros HN HC Hx Fx Hy Fy. destruct (Nat.eq_dec x y) as [|Hn]; [assumption|]. exfalso.
  pose proof (count_evict f x C HN Hx) as E1. rewrite Fx in E1.
  assert (Hy' : In y (evict x C)) by (apply In_evict; auto).
  pose proof (count_evict f y _ (NoDup_evict x C HN) Hy') as E2. rewrite Fy in E2.
  pose proof (length_evict x C HN Hx). pose proof (length_evict y _ (NoDup_evict x C HN) Hy').
  pose proof (count_le_length f (evict y (evict x C))). lia.
Qed.

(** ** The last l requests *)

(** After the growth by [p] no request of [τ] is one. *)
Definition quiet (σ0 : list page) (p : page) (τ : list page) : Prop :=
  forall τ1 r τ2, τ = τ1 ++ r :: τ2 -> level (σ0 ++ p :: τ1) r <= k.

Lemma quiet_snoc σ0 p τ r : quiet σ0 p (τ ++ [r]) -> quiet σ0 p τ /\ level (σ0 ++ p :: τ) r <= k.
Proof.
  intros H. split; [|now apply (H τ r [])]. intros τ1 q τ2 ->. apply (H τ1 q (τ2 ++ [r])).
  now rewrite <- app_assoc.
Qed.

(** The requests from the last growth on, exactly: they are the pages of [since]. *)
Lemma last_growth σ : σ <> [] ->
  exists σ0 p τ, σ = σ0 ++ p :: τ /\ k < level σ0 p /\ same (since σ) (p :: τ) /\
    growths k σ = growths k σ0 + 1 /\ quiet σ0 p τ.
Proof.
  induction σ as [|σ q IH] using snoc_ind; [easy|]. intros _. rewrite since_snoc, growths_snoc.
  destruct (grows k (level σ) q) eqn:G.
  - exists σ, q, []. split; [reflexivity|]. split; [now apply grows_true|]. split; [red; tauto|].
    split; [reflexivity|]. intros [|? ?] r τ2 E; discriminate.
  - destruct IH as (σ0 & p & τ & E & H1 & H2 & Hg & H3).
    { intros ->. rewrite (first_grows k slots q) in G. discriminate. }
    apply grows_false in G. exists σ0, p, (τ ++ [q]). split; [now rewrite E, <- app_assoc|].
    split; [exact H1|]. split.
    + intros x. simpl. rewrite in_app_iff, In_evict, (H2 x). simpl.
      destruct (Nat.eq_dec q x) as [|Hn]; [tauto|]. intuition.
    + split; [lia|]. intros τ1 r τ2 Eτ. destruct τ2 as [|y τ2] using rev_ind.
      * apply app_inj_tail in Eτ as [<- <-]. now rewrite <- E.
      * clear IHτ2. change (r :: τ2 ++ [y]) with ((r :: τ2) ++ [y]) in Eτ.
        rewrite app_assoc in Eτ. apply app_inj_tail in Eτ as [-> _]. now apply (H3 τ1 r τ2).
Qed.

(** If l pages were requested since the last growth, every layer has one of them. *)
Lemma since_layers σ j : layered l n σ -> l <= length (since σ) -> j < l ->
  exists q, In q (since σ) /\ layer n q = j.
Proof.
  intros Hσ HL Hj. destruct (last_growth σ) as (σ0 & p & τ & E & _ & HS & _ & _).
  { intros ->. simpl in HL. lia. }
  assert (Hlen : length (since σ) <= length (p :: τ)).
  { apply NoDup_incl_length; [now apply since_NoDup|]. intros q. now apply HS. }
  destruct (turn l (length σ0) j Hj) as (d & Hd & Ed).
  destruct (nth_error (p :: τ) d) as [q|] eqn:Eq.
  - exists q. split; [apply HS; now apply nth_error_In in Eq|]. rewrite <- Ed. apply Hσ.
    rewrite E, nth_error_app2 by lia. replace (length σ0 + d - length σ0) with d by lia. exact Eq.
  - apply nth_error_None in Eq. lia.
Qed.

Section Policy.

Variable A : policy.
Hypothesis A_far : guided_far A.

Let A_guided : guided l n k A := proj1 A_far.
Let A_lazy : lazy l n k A := proj1 A_guided.

Lemma full_facts σ : layered l n σ -> length (A σ) = k ->
  NoDup (A σ) /\ optimal k (level σ) (A σ) /\ incl (since σ) (A σ).
Proof.
  intros Hσ HL. destruct (lazy_fits l n k A A_lazy σ Hσ) as [HN _].
  split; [exact HN|]. split; [now apply A_guided | now apply (guided_since l n k slots A A_guided)].
Qed.

(** A miss with a full cache: what is evicted, and that it was safe. *)
Lemma full_miss σ p : layered l n (σ ++ [p]) -> length (A σ) = k -> ~ In p (A σ) ->
  exists v, In v (A σ) /\ same (A (σ ++ [p])) (p :: evict v (A σ)) /\ safe σ (A σ) p v /\
    ~ In v (A (σ ++ [p])).
Proof.
  intros Hσ HL Hp. destruct (proj2 A_lazy σ p Hσ) as [[? _]|[(_ & ? & _)|(_ & _ & v & Hv & HS)]];
    [contradiction | lia |]. exists v. split; [exact Hv|]. split; [exact HS|].
  pose proof (layered_prefix _ _ _ _ Hσ) as Hσ'. destruct (full_facts σ Hσ' HL) as (HN & _ & _).
  split.
  - apply (optimal_same k _ (A (σ ++ [p]))).
    + constructor; [rewrite In_evict; tauto | now apply NoDup_evict].
    + intros q. symmetry. apply HS.
    + now apply A_guided.
  - intros H. apply HS in H as [->|H]; [contradiction|]. apply In_evict in H. tauto.
Qed.

(** When OPT grows every page of a full optimal cache is safe. *)
Lemma growth_safe σ p q C : NoDup C -> length C = k -> optimal k (level σ) C ->
  k < level σ p -> In q C -> safe σ C p q.
Proof.
  intros HN HL HO G Hq. pose proof (length_evict q C HN Hq) as HE.
  apply low_optimal; [simpl; lia|]. intros i Hi. rewrite low_cons, (proj2 (level_one k σ p p) eq_refl).
  destruct i as [|[|i]]; [lia | simpl; lia |].
  pose proof (optimal_low (level σ) C (S (S i)) HL HO Hi) as H. change (1 <=? S (S i)) with true. cbv iota.
  assert (HC : low (level σ) (S (S i)) C <= low (level (σ ++ [p])) (S (S i)) C).
  { apply count_imp. intros x _ Hx. apply Nat.leb_le in Hx. apply Nat.leb_le.
    apply (growth_up_to k σ p x (S (S i)) G); [lia | now right]. }
  pose proof (low_evict (level (σ ++ [p])) (S (S i)) q C HN Hq).
  destruct (level (σ ++ [p]) q <=? S (S i)); lia.
Qed.

(** ** The window of a growth: its first l requests *)

Section Window.

(** The growth: page [p] after the requests [σ0], with a full cache, and s >= l+1 pages before it. *)
Variable σ0 : list page.
Variable p : page.
Hypothesis first : layered l n (σ0 ++ [p]).
Hypothesis full0 : length (A σ0) = k.
Hypothesis growth : k < level σ0 p.
Hypothesis many : l + 1 <= length (since σ0).

Let s := length (since σ0).
Let t0 := length σ0.

Lemma other_turn j r d : 1 <= j -> j < l -> layer n r = (t0 + j) mod l -> d < j ->
  layer n r <> (t0 + d) mod l.
Proof. intros H1 H2 E Hd E'. rewrite E in E'. apply mod_unique in E'; lia. Qed.

(** A page of the layer of [p], requested since the growth before. *)
Variable a : page.
Hypothesis a_since : In a (since σ0).
Hypothesis a_layer : layer n a = t0 mod l.

(** After j requests of the window, the layer of [q] is still to come in it. *)
Definition coming (j : nat) (q : page) : Prop := exists d, j <= d /\ d < l /\ layer n q = (t0 + d) mod l.

(** After [j] requests of the window: the pages of levels up to b are those of P, b + 1 of them; i + 1
    have levels up to i, for i > j; if one of P is not cached its layer has been visited; each miss
    after the growth has raised b. *)
Record win (σ : list page) (j : nat) (P : list page) (b : nat) : Prop := {
  win_layered : layered l n σ;
  win_length : length σ = t0 + j;
  win_full : length (A σ) = k;
  win_NoDup : NoDup P;
  win_size : length P = S b;
  win_b : l + 1 <= b /\ b <= k;
  win_P : forall q, level σ q <= b <-> In q P;
  win_low : forall i, j < i -> i <= b -> low (level σ) i P = S i;
  win_missing : forall q, In q P -> ~ In q (A σ) -> ~ coming j q;
  win_cost : cost A σ + s <= cost A σ0 + 1 + b;
  win_since : length (since σ) = j;
  win_turns : forall q, In q (since σ) -> exists d, d < j /\ layer n q = (t0 + d) mod l;
  win_a : In a P /\ ~ In a (since σ) }.

Lemma win_start : win (σ0 ++ [p]) 1 (p :: since σ0) s.
Proof.
  pose proof (layered_prefix _ _ _ _ first) as Hσ0.
  destruct (full_facts σ0 Hσ0 full0) as (HN & HO & HS).
  assert (Hs : s <= k) by (unfold s; now apply since_length).
  assert (Hp : ~ In p (since σ0)). { rewrite (since_In k slots). fold s. lia. }
  assert (HpA : ~ In p (A σ0)).
  { intros H. pose proof (HO k (le_n k)) as Hk. assert (1 <= above (level σ0) k (A σ0)); [|lia].
    apply (count_In _ _ p H). now apply Nat.ltb_lt. }
  assert (Hsnoc : since (σ0 ++ [p]) = [p]).
  { rewrite since_snoc. unfold grows. apply Nat.ltb_lt in growth. now rewrite growth. }
  assert (Hup : forall q i, 2 <= i -> level (σ0 ++ [p]) q <= i <-> q = p \/ level σ0 q <= i).
  { intros q i Hi. now apply growth_up_to. }
  constructor.
  - exact first.
  - rewrite app_length. reflexivity.
  - now apply (lazy_full l n k A A_lazy).
  - constructor; [exact Hp | now apply since_NoDup].
  - reflexivity.
  - fold s in many. lia.
  - intros q. fold s in many. rewrite Hup by lia. simpl. rewrite (since_In k slots). fold s.
    intuition.
  - intros i Hi Hb. rewrite low_cons, (proj2 (level_one k σ0 p p) eq_refl).
    destruct (1 <=? i) eqn:E; [|apply Nat.leb_gt in E; lia]. simpl. f_equal.
    rewrite <- (low_since σ0 i) at 2 by exact Hb. unfold low, count. f_equal.
    apply filter_ext_in. intros q Hq. apply Bool.eq_iff_eq_true. rewrite !Nat.leb_le.
    rewrite Hup by lia. intuition. now subst.
  - (* the page evicted at the growth is of the layer of p *)
    intros q [<-|Hq] Hn; [exfalso; apply Hn; now apply (lazy_In l n k A A_lazy)|].
    intros (d & Hd1 & Hd2 & Ed). apply HS in Hq. apply HS in a_since.
    pose proof (growth_safe σ0 p a (A σ0) HN full0 HO growth a_since) as Hsafe.
    pose proof (proj2 A_far σ0 p q a first HpA full0 Hq Hn a_since Hsafe) as Hdist.
    rewrite (distance_spec (length σ0) q (d - 1)) in Hdist; [|lia|rewrite Ed; f_equal; unfold t0; lia].
    rewrite (distance_spec (length σ0) a (l - 1)) in Hdist; [lia | lia |].
    rewrite a_layer. fold t0. replace (t0 + 1 + (l - 1)) with (t0 + 1 * l) by lia.
    now rewrite Nat.mod_add by lia.
  - rewrite (lazy_miss l n k A A_lazy σ0 p first HpA). lia.
  - now rewrite Hsnoc.
  - intros q Hq. rewrite Hsnoc in Hq. destruct Hq as [<-|[]]. exists 0. split; [lia|].
    rewrite Nat.add_0_r. now apply (layered_last l n σ0 p).
  - split; [now right|]. rewrite Hsnoc. intros [->|[]]. contradiction.
Qed.

Lemma win_step σ j P b r : win σ j P b -> 1 <= j -> j < l ->
  layered l n (σ ++ [r]) -> level σ r <= k ->
  exists P' b', win (σ ++ [r]) (S j) P' b'.
Proof.
  intros W H1 Hj Hσ' G. destruct W as [Wl Wt Wf WN Ws [Wb1 Wb2] WP Wlow Wm Wc Wq Wturns [Wa1 Wa2]].
  destruct (full_facts σ Wl Wf) as (HN & HO & HS).
  pose proof (layered_last l n σ r Hσ') as [_ Hr]. rewrite Wt in Hr.
  assert (Hrc : coming j r) by (exists j; auto).
  assert (Hturn : forall q, In q (since σ) -> q <> r).
  { intros q Hq ->. destruct (Wturns r Hq) as (d & Hd & E). now apply (other_turn j r d). }
  assert (Hrs : ~ In r (since σ)) by (intros H; now apply (Hturn r)).
  assert (Har : a <> r).
  { intros ->. apply (other_turn j r 0); auto. now rewrite Nat.add_0_r. }
  assert (Hsn : since (σ ++ [r]) = r :: since σ).
  { rewrite since_snoc. unfold grows. destruct (k <? level σ r) eqn:E.
    - apply Nat.ltb_lt in E. lia.
    - unfold evict. now rewrite notin_remove. }
  assert (Hmono : forall q, coming (S j) q -> coming j q).
  { intros q (d & ? & ? & ?). exists d. repeat split; auto. lia. }
  assert (Hr1 : level (σ ++ [r]) r = 1) by now apply level_one.
  (* what does not depend on the case *)
  assert (Common : forall P' b', NoDup P' -> length P' = S b' -> l + 1 <= b' /\ b' <= k ->
    (forall q, level (σ ++ [r]) q <= b' <-> In q P') ->
    (forall i, S j < i -> i <= b' -> low (level (σ ++ [r])) i P' = S i) ->
    (forall q, In q P' -> ~ In q (A (σ ++ [r])) -> ~ coming (S j) q) ->
    cost A (σ ++ [r]) + s <= cost A σ0 + 1 + b' -> In a P' -> win (σ ++ [r]) (S j) P' b').
  { intros P' b' C1 C2 C3 C4 C5 C6 C7 C8. constructor; auto.
    - rewrite app_length. simpl. lia.
    - now apply (lazy_full l n k A A_lazy).
    - rewrite Hsn. simpl. lia.
    - intros q Hq. rewrite Hsn in Hq. destruct Hq as [<-|Hq]; [now exists j; split; [lia|]|].
      destruct (Wturns q Hq) as (d & Hd & E). exists d. split; [lia | exact E].
    - split; [exact C8|]. rewrite Hsn. intros [->|H]; contradiction. }
  (* how the counts move *)
  assert (Hcount : forall Q i, NoDup Q -> (forall q, In q Q -> q <> r) -> i < level σ r ->
    low (level (σ ++ [r])) (S i) Q = low (level σ) i Q).
  { intros Q i _ HQ Hi. unfold low, count. f_equal. apply filter_ext_in. intros q Hq.
    apply Bool.eq_iff_eq_true. rewrite !Nat.leb_le, (inside_up_to_low k σ r q i G Hi).
    specialize (HQ q Hq). tauto. }
  destruct (in_dec Nat.eq_dec r P) as [HrP|HrP].
  - (* a page of P: a hit, and P stays *)
    assert (HrA : In r (A σ)).
    { destruct (in_dec Nat.eq_dec r (A σ)) as [|Hn]; [assumption|]. now destruct (Wm r HrP Hn). }
    destruct (lazy_hit l n k A A_lazy σ r Hσ' HrA) as [Hsame Hcost].
    assert (Hrb : level σ r <= b) by now apply WP.
    exists P, b. apply Common; auto.
    + intros q. rewrite <- WP. destruct (Nat.eq_dec (level σ r) b) as [Eb|Eb].
      * (* level b holds r only *)
        destruct b as [|b]; [lia|]. rewrite (inside_up_to_low k σ r q b G) by lia. split.
        -- intros [->|H]; lia.
        -- intros H. destruct (Nat.eq_dec (level σ q) (S b)) as [Eq|Eq]; [left|right; lia].
           apply (one_left (fun x => level σ x <=? b) P); auto.
           ++ specialize (Wlow b ltac:(lia) ltac:(lia)). unfold low in Wlow. lia.
           ++ now apply WP.
           ++ apply Nat.leb_gt. lia.
           ++ apply Nat.leb_gt. lia.
      * apply inside_up_to_high; [exact G | lia].
    + intros i Hi Hib. destruct (Nat.le_gt_cases i (level σ r)) as [Hle|Hgt].
      * destruct i as [|i]; [lia|]. pose proof (low_evict (level (σ ++ [r])) (S i) r P WN HrP) as E1.
        rewrite Hr1 in E1. simpl in E1.
        rewrite Hcount in E1; [|now apply NoDup_evict|intros q Hq; now apply In_evict in Hq|lia].
        pose proof (low_evict (level σ) i r P WN HrP) as E2.
        destruct (level σ r <=? i) eqn:E; [apply Nat.leb_le in E; lia|].
        rewrite (Wlow i) in E2 by lia. lia.
      * rewrite <- (Wlow i) by lia. unfold low, count. f_equal. apply filter_ext_in. intros q _.
        apply Bool.eq_iff_eq_true. rewrite !Nat.leb_le. now apply inside_up_to_high.
    + intros q Hq Hn Hc. apply (Wm q Hq); [|now apply Hmono]. intros H. apply Hn. now apply Hsame.
    + lia.
  - (* another page: b grows *)
    assert (Hrb : b < level σ r).
    { destruct (Nat.le_gt_cases (level σ r) b) as [H|]; [|assumption]. now apply WP in H. }
    assert (HPr : forall q, In q P -> q <> r) by (intros q Hq ->; contradiction).
    assert (HN' : NoDup (r :: P)) by now constructor.
    assert (HP' : forall q, level (σ ++ [r]) q <= S b <-> In q (r :: P)).
    { intros q. rewrite (inside_up_to_low k σ r q b G Hrb), WP. simpl. intuition. }
    assert (Hlow' : forall i, S j < i -> i <= S b -> low (level (σ ++ [r])) i (r :: P) = S i).
    { intros i Hi Hib. destruct i as [|i]; [lia|]. rewrite low_cons, Hr1.
      rewrite Hcount by (auto; lia). rewrite (Wlow i) by lia. reflexivity. }
    exists (r :: P), (S b). apply Common; auto.
    + simpl. lia.
    + lia.
    + intros q Hq Hn Hc. destruct Hq as [<-|Hq]; [apply Hn; now apply (lazy_In l n k A A_lazy)|].
      destruct (in_dec Nat.eq_dec q (A σ)) as [HqA|HqA]; [|now apply (Wm q Hq HqA), Hmono].
      assert (HrA : ~ In r (A σ)).
      { intros HrA. apply Hn. now apply (lazy_hit l n k A A_lazy σ r Hσ' HrA). }
      destruct (full_miss σ r Hσ' Wf HrA) as (v & Hv & Hsame & Hsafe & Hvn).
      assert (v = q).
      { destruct (Nat.eq_dec v q) as [|Hne]; [assumption|]. exfalso. apply Hn. apply Hsame. right.
        apply In_evict. auto. }
      subst v.
      (* all of P was cached *)
      assert (HPA : incl P (A σ)).
      { intros x Hx. destruct (in_dec Nat.eq_dec x (A σ)) as [|Hxn]; [assumption|]. exfalso.
        set (C := r :: evict q (A σ)) in *.
        assert (HC : length C = k). { unfold C. simpl. pose proof (length_evict q _ HN HqA). lia. }
        pose proof (optimal_low _ C (S b) HC Hsafe ltac:(lia)) as Hopt.
        assert (Hxq : x <> q) by (intros ->; contradiction).
        assert (Hx' : In x (evict q P)) by now apply In_evict.
        pose proof (length_evict q P WN Hq) as L1.
        pose proof (length_evict x _ (NoDup_evict q P WN) Hx') as L2.
        assert (Hle : low (level (σ ++ [r])) (S b) C
                      <= count (fun _ => true) (r :: evict x (evict q P))).
        { apply count_le.
          - unfold C. constructor; [rewrite In_evict; tauto | now apply NoDup_evict].
          - intros y Hy Ey. split; [|reflexivity]. apply Nat.leb_le in Ey. apply HP' in Ey as [<-|Ey].
            + now left.
            + right. destruct Hy as [<-|Hy]; [contradiction|]. apply In_evict in Hy as [Hy1 Hy2].
              apply In_evict. split; [now apply In_evict|]. intros ->. contradiction. }
        rewrite count_true in Hle by reflexivity. simpl in Hle. lia. }
      (* so a is safe, and its layer is further away *)
      assert (HaA : In a (A σ)) by now apply HPA.
      assert (Ha_level : S j < level (σ ++ [r]) a).
      { destruct (Nat.le_gt_cases (level (σ ++ [r]) a) (S j)) as [H|H]; [|exact H]. exfalso.
        assert (Hin : In a (since (σ ++ [r]))).
        { apply (since_In k slots). rewrite Hsn. simpl. rewrite Wq. exact H. }
        rewrite Hsn in Hin. destruct Hin as [E|Hin]; [now apply Har|]. contradiction. }
      assert (Ha_safe : safe σ (A σ) r a).
      { apply low_optimal; [simpl; pose proof (length_evict a _ HN HaA); lia|]. intros i Hi.
        assert (HCq : length (r :: evict q (A σ)) = k).
        { simpl. pose proof (length_evict q _ HN HqA). lia. }
        pose proof (optimal_low _ _ i HCq Hsafe Hi) as Hopt.
        rewrite low_cons in Hopt |- *.
        pose proof (low_evict (level (σ ++ [r])) i a _ HN HaA) as Ea.
        pose proof (low_evict (level (σ ++ [r])) i q _ HN HqA) as Eq.
        destruct (level (σ ++ [r]) a <=? i) eqn:La; [|destruct (level (σ ++ [r]) q <=? i); lia].
        apply Nat.leb_le in La. destruct (Nat.le_gt_cases i (S b)) as [Hib|Hib].
        - specialize (Hlow' i ltac:(lia) Hib). rewrite low_cons in Hlow'.
          assert (low (level (σ ++ [r])) i P <= low (level (σ ++ [r])) i (A σ)); [|lia].
          apply count_le; [exact WN|]. intros y Hy Ey. split; [now apply HPA | exact Ey].
        - assert (level (σ ++ [r]) q <= S b) by (apply HP'; now right).
          destruct (level (σ ++ [r]) q <=? i) eqn:Lq; [lia|]. apply Nat.leb_gt in Lq. lia. }
      pose proof (proj2 A_far σ r q a Hσ' HrA Wf HqA Hn HaA Ha_safe) as Hdist.
      destruct Hc as (d & Hd1 & Hd2 & Ed).
      rewrite (distance_spec (length σ) q (d - j - 1)) in Hdist;
        [|lia|rewrite Ed; f_equal; rewrite Wt; lia].
      rewrite (distance_spec (length σ) a (l - j - 1)) in Hdist; [lia | lia |].
      rewrite a_layer, Wt. replace (t0 + j + 1 + (l - j - 1)) with (t0 + 1 * l) by lia.
      now rewrite Nat.mod_add by lia.
    + destruct (in_dec Nat.eq_dec r (A σ)) as [HrA|HrA].
      * rewrite (proj2 (lazy_hit l n k A A_lazy σ r Hσ' HrA)). lia.
      * rewrite (lazy_miss l n k A A_lazy σ r Hσ' HrA). lia.
    + now right.
Qed.

End Window.

(** ** The segment that a growth begins *)

(** How many misses the window of the next growth may have. *)
Definition slack (σ : list page) : nat :=
  if length (since σ) <=? l then l - 1 else Nat.min (k - length (since σ)) (l - 1).

Lemma slack_few σ : length (since σ) <= l -> slack σ = l - 1.
Proof. intros H. unfold slack. apply Nat.leb_le in H. now rewrite H. Qed.

Lemma slack_many σ : l < length (since σ) -> slack σ = Nat.min (k - length (since σ)) (l - 1).
Proof. intros H. unfold slack. apply Nat.leb_gt in H. now rewrite H. Qed.

Lemma slack_le σ : slack σ <= l - 1.
Proof. unfold slack. destruct (_ <=? l); lia. Qed.

Section Segment.

Variable σ0 : list page.
Variable p : page.
Hypothesis full0 : length (A σ0) = k.
Hypothesis growth : k < level σ0 p.

Lemma layered_middle τ : layered l n (σ0 ++ p :: τ) -> layered l n (σ0 ++ [p]).
Proof. intros H. apply (layered_prefix l n _ τ). now rewrite <- app_assoc. Qed.

Lemma since_growth : since (σ0 ++ [p]) = [p].
Proof. rewrite since_snoc. unfold grows. apply Nat.ltb_lt in growth. now rewrite growth. Qed.

Lemma since_quiet σ r : level σ r <= k -> since (σ ++ [r]) = r :: evict r (since σ).
Proof.
  intros G. rewrite since_snoc. unfold grows. destruct (k <? level σ r) eqn:E; [|reflexivity].
  apply Nat.ltb_lt in E. lia.
Qed.

Lemma growth_missing : layered l n σ0 -> ~ In p (A σ0).
Proof.
  intros Hσ H. destruct (full_facts σ0 Hσ full0) as (_ & HO & _). specialize (HO k (le_n k)).
  assert (1 <= above (level σ0) k (A σ0)); [|lia].
  apply (count_In _ _ p H). now apply Nat.ltb_lt.
Qed.

(** A request costs nothing if its page was requested since the growth, and at most one. *)
Lemma quiet_cost σ r : layered l n (σ ++ [r]) -> length (A σ) = k -> level σ r <= k ->
  cost A (σ ++ [r]) + length (since σ) <= cost A σ + length (since (σ ++ [r])) /\
  length (since σ) <= length (since (σ ++ [r])) /\ cost A (σ ++ [r]) <= cost A σ + 1.
Proof.
  intros Hσ HL G. pose proof (layered_prefix _ _ _ _ Hσ) as Hσ'.
  destruct (full_facts σ Hσ' HL) as (_ & _ & HS). rewrite (since_quiet σ r G). simpl.
  destruct (in_dec Nat.eq_dec r (since σ)) as [Hr|Hr].
  - pose proof (length_evict r _ (since_NoDup k slots σ) Hr). apply HS in Hr.
    rewrite (proj2 (lazy_hit l n k A A_lazy σ r Hσ Hr)). lia.
  - unfold evict. rewrite notin_remove by assumption. destruct (in_dec Nat.eq_dec r (A σ)) as [HrA|HrA].
    + rewrite (proj2 (lazy_hit l n k A A_lazy σ r Hσ HrA)). lia.
    + rewrite (lazy_miss l n k A A_lazy σ r Hσ HrA). lia.
Qed.

(** The first l requests of a segment are l distinct pages; they cost at most one each. *)
Lemma segment_begins τ : layered l n (σ0 ++ p :: τ) -> quiet σ0 p τ -> length τ < l ->
  length (A (σ0 ++ p :: τ)) = k /\ length (since (σ0 ++ p :: τ)) = S (length τ) /\
  (forall q, In q (since (σ0 ++ p :: τ)) ->
     exists d, d < S (length τ) /\ layer n q = (length σ0 + d) mod l) /\
  cost A (σ0 ++ p :: τ) <= cost A σ0 + 1 + length τ.
Proof.
  induction τ as [|τ r IH] using snoc_ind; intros Hσ Hq Hl.
  - pose proof (layered_prefix _ _ _ _ Hσ) as Hσ0.
    split; [now apply (lazy_full l n k A A_lazy)|]. rewrite since_growth. split; [reflexivity|].
    split.
    + intros q [<-|[]]. exists 0. split; [simpl; lia|]. rewrite Nat.add_0_r.
      now apply (layered_last l n σ0 p).
    + rewrite (lazy_miss l n k A A_lazy σ0 p Hσ (growth_missing Hσ0)). lia.
  - apply quiet_snoc in Hq as [Hq G]. rewrite app_length in Hl. simpl in Hl.
    replace (σ0 ++ p :: τ ++ [r]) with ((σ0 ++ p :: τ) ++ [r]) in * by now rewrite <- app_assoc.
    pose proof (layered_prefix _ _ _ _ Hσ) as Hσ'.
    destruct (IH Hσ' Hq ltac:(lia)) as (H1 & H2 & H3 & H4).
    destruct (quiet_cost _ r Hσ H1 G) as (_ & _ & HC).
    split; [now apply (lazy_full l n k A A_lazy)|].
    pose proof (layered_last l n _ r Hσ) as [_ Hr]. rewrite app_length in Hr. simpl in Hr.
    assert (Hrs : ~ In r (since (σ0 ++ p :: τ))).
    { intros H. destruct (H3 r H) as (d & Hd & E). rewrite Hr in E. apply mod_unique in E; lia. }
    rewrite (since_quiet _ r G). unfold evict. rewrite notin_remove by assumption.
    rewrite app_length. simpl. split; [lia|]. split; [|lia]. intros q [<-|Hqs].
    + exists (S (length τ)). split; [lia | exact Hr].
    + destruct (H3 q Hqs) as (d & Hd & E). exists d. split; [lia | exact E].
Qed.

(** If many pages were requested since the growth before, the window of this one is cheap. *)
Lemma window τ : layered l n (σ0 ++ p :: τ) -> quiet σ0 p τ -> length τ < l ->
  cost A (σ0 ++ p :: τ) <= cost A σ0 + 1 + slack σ0.
Proof.
  intros Hσ Hq Hl. destruct (segment_begins τ Hσ Hq Hl) as (_ & _ & _ & HC).
  destruct (Nat.le_gt_cases (l + 1) (length (since σ0))) as [many|few].
  2: { rewrite slack_few by lia. lia. }
  rewrite slack_many by lia.
  pose proof (layered_middle τ Hσ) as first. pose proof (layered_last l n σ0 p first) as [Hp1 Hp2].
  destruct (since_layers σ0 (length σ0 mod l)) as (a & Ha & Hal).
  { now apply layered_prefix in first. }
  { lia. }
  { apply Nat.mod_upper_bound. lia. }
  assert (HW : exists P b, win σ0 a (σ0 ++ p :: τ) (S (length τ)) P b).
  { clear HC. induction τ as [|τ r IH] using snoc_ind.
    - exists (p :: since σ0), (length (since σ0)). now apply win_start.
    - apply quiet_snoc in Hq as [Hq G]. rewrite app_length in *. simpl in Hl |- *.
      replace (σ0 ++ p :: τ ++ [r]) with ((σ0 ++ p :: τ) ++ [r]) in * by now rewrite <- app_assoc.
      destruct (IH (layered_prefix _ _ _ _ Hσ) Hq ltac:(lia)) as (P & b & W).
      replace (length τ + 1) with (S (length τ)) by lia. eapply win_step; eauto; lia. }
  destruct HW as (P & b & W). pose proof (win_cost _ _ _ _ _ _ W). pose proof (win_b _ _ _ _ _ _ W).
  lia.
Qed.

(** A whole segment. *)
Lemma segment τ : layered l n (σ0 ++ p :: τ) -> quiet σ0 p τ -> l <= S (length τ) ->
  length (A (σ0 ++ p :: τ)) = k /\ l <= length (since (σ0 ++ p :: τ)) /\
  cost A (σ0 ++ p :: τ) + l <= cost A σ0 + 1 + slack σ0 + length (since (σ0 ++ p :: τ)).
Proof.
  induction τ as [|τ r IH] using snoc_ind; intros Hσ Hq Hl.
  - destruct (segment_begins [] Hσ Hq) as (H1 & H2 & _ & H4); [simpl; lia|].
    split; [exact H1|]. rewrite H2. simpl in *. lia.
  - destruct (Nat.eq_dec (S (length (τ ++ [r]))) l) as [El|El].
    + destruct (segment_begins (τ ++ [r]) Hσ Hq) as (H1 & H2 & _ & _); [lia|].
      pose proof (window (τ ++ [r]) Hσ Hq ltac:(lia)). split; [exact H1|]. rewrite H2. lia.
    + rewrite app_length in El, Hl. simpl in El, Hl. apply quiet_snoc in Hq as [Hq G].
      replace (σ0 ++ p :: τ ++ [r]) with ((σ0 ++ p :: τ) ++ [r]) in * by now rewrite <- app_assoc.
      destruct (IH (layered_prefix _ _ _ _ Hσ) Hq ltac:(lia)) as (H1 & H2 & H3).
      destruct (quiet_cost _ r Hσ H1 G) as (HC & HS & _).
      split; [now apply (lazy_full l n k A A_lazy)|]. lia.
Qed.

End Segment.

(** ** All segments together *)

(** ALG + slack <= max(l, k-l+1) OPT, from the first request on. *)
Definition ratio : nat := Nat.max l (k - l + 1).

Definition paid (σ : list page) : Prop := cost A σ + slack σ <= ratio * growths k σ.

Lemma paid_step σ0 p τ : length (A σ0) = k -> k < level σ0 p -> layered l n (σ0 ++ p :: τ) ->
  quiet σ0 p τ -> growths k (σ0 ++ p :: τ) = growths k σ0 + 1 -> paid σ0 ->
  length (A (σ0 ++ p :: τ)) = k /\ paid (σ0 ++ p :: τ).
Proof.
  intros HF G Hσ Hq Hg HP. unfold paid in *. rewrite Hg, Nat.mul_add_distr_l, Nat.mul_1_r.
  assert (HR : l <= ratio /\ k - l + 1 <= ratio) by (unfold ratio; lia).
  pose proof (slack_le (σ0 ++ p :: τ)) as HL.
  destruct (Nat.le_gt_cases l (length τ)) as [H|H].
  - destruct (segment σ0 p HF G τ Hσ Hq ltac:(lia)) as (H1 & H2 & H3). split; [exact H1|].
    pose proof (since_length k slots (σ0 ++ p :: τ)).
    destruct (Nat.le_gt_cases (length (since (σ0 ++ p :: τ))) l) as [Hs|Hs].
    + lia.
    + rewrite (slack_many _ Hs) in *. lia.
  - destruct (segment_begins σ0 p HF G τ Hσ Hq H) as (H1 & _ & _ & _). split; [exact H1|].
    pose proof (window σ0 p HF G τ Hσ Hq H). lia.
Qed.

(** While nothing has been evicted every miss is a growth; afterwards the cache is full and [paid]
    holds. *)
Lemma all_segments σ : layered l n σ ->
  (incl σ (A σ) /\ cost A σ <= growths k σ) \/ (length (A σ) = k /\ paid σ).
Proof.
  remember (length σ) as len eqn:E. revert σ E.
  induction len as [len IH] using lt_wf_ind. intros σ E Hσ.
  destruct (list_eq_dec Nat.eq_dec σ []) as [->|Hne]; [left; split; [easy | cbn; lia]|].
  destruct (last_growth σ Hne) as (σ0 & p & τ & -> & G & _ & Hg & Hq).
  rewrite app_length in E. simpl in E.
  pose proof (layered_prefix _ _ _ _ Hσ) as Hσ0.
  destruct (IH (length σ0) ltac:(lia) σ0 eq_refl Hσ0) as [[HI HC]|[HF HP]].
  - destruct (Nat.eq_dec (length (A σ0)) k) as [HF|HF].
    + right. apply paid_step; auto. unfold paid.
      assert (1 <= growths k σ0).
      { destruct σ0 as [|x σ1].
        - destruct A_lazy as [[H0 _] _]. rewrite H0 in HF. simpl in HF. lia.
        - unfold growths. cbn [growths_from]. change (start k) with (level []).
          rewrite (first_grows k slots x). lia. }
      pose proof (slack_le σ0) as HS. assert (HR : l <= ratio) by (unfold ratio; lia).
      assert (E1 : l * growths k σ0 <= ratio * growths k σ0) by now apply Nat.mul_le_mono_r.
      assert (E2 : (l - 1) * 1 <= (l - 1) * growths k σ0) by now apply Nat.mul_le_mono_l.
      assert (E3 : l * growths k σ0 = (l - 1) * growths k σ0 + growths k σ0).
      { replace l with (l - 1 + 1) at 1 by lia. rewrite Nat.mul_add_distr_r. lia. }
      lia.
    + (* a slot is empty: p enters, and the rest are hits *)
      left. pose proof (layered_middle σ0 p τ Hσ) as first.
      destruct (lazy_fits l n k A A_lazy σ0 Hσ0) as [_ HL].
      rewrite Hg. clear Hg Hne E IH. induction τ as [|τ r IHτ] using snoc_ind.
      * assert (HpA : ~ In p (A σ0)).
        { intros H. pose proof (proj2 A_guided σ0 Hσ0 k (le_n k)) as HO.
          assert (1 <= above (level σ0) k (A σ0)); [|lia].
          apply (count_In _ _ p H). now apply Nat.ltb_lt. }
        split; [|rewrite (lazy_miss l n k A A_lazy σ0 p first HpA); lia].
        destruct (proj2 A_lazy σ0 p first) as [[? _]|[(_ & _ & HS)|(_ & ? & _)]]; [contradiction| |lia].
        intros q Hqin. apply HS. apply in_app_or in Hqin as [H|[<-|[]]]; [right; now apply HI | now left].
      * apply quiet_snoc in Hq as [Hq Gr].
        replace (σ0 ++ p :: τ ++ [r]) with ((σ0 ++ p :: τ) ++ [r]) in * by now rewrite <- app_assoc.
        destruct (IHτ (layered_prefix _ _ _ _ Hσ) Hq) as [HI' HC'].
        assert (Hr : In r (A (σ0 ++ p :: τ))).
        { destruct (in_dec Nat.eq_dec r (σ0 ++ p :: τ)) as [H|H]; [now apply HI'|]. exfalso.
          pose proof (levels_fresh k slots _ r H). lia. }
        destruct (lazy_hit l n k A A_lazy _ r Hσ Hr) as [HS HC'']. split; [|lia].
        intros q Hqin. apply HS. apply in_app_or in Hqin as [H|[<-|[]]]; [now apply HI' | exact Hr].
  - right. now apply paid_step.
Qed.

(** ALG <= max(l, k-l+1) OPT at every prefix. *)
Theorem far_upper σ m : layered l n σ -> is_opt k σ m -> cost A σ <= Nat.max l (k - l + 1) * m.
Proof.
  intros Hσ Hm. apply opt_growths in Hm; [|exact slots]. subst m.
  fold ratio. destruct (all_segments σ Hσ) as [[_ H]|[_ H]].
  - assert (1 * growths k σ <= ratio * growths k σ) by (apply Nat.mul_le_mono_r; unfold ratio; lia).
    lia.
  - unfold paid in H. lia.
Qed.

End Policy.

(** ** Guided-far exists *)

Definition far_rule (σ : list page) (C : cache) (p v : page) : bool :=
  optimalb k (level (σ ++ [p])) (p :: evict v C) &&
  forallb (fun q => negb (optimalb k (level (σ ++ [p])) (p :: evict q C)) ||
                    (distance (length σ) q <=? distance (length σ) v)) C.

Definition first_far : policy := by_rule k far_rule.

Lemma far_rule_spec σ C p v : far_rule σ C p v = true <->
  safe σ C p v /\ forall q, In q C -> safe σ C p q -> distance (length σ) q <= distance (length σ) v.
Proof.
  unfold far_rule, safe. rewrite andb_true_iff, forallb_forall, optimalb_spec. split.
  - intros [H1 H2]. split; [exact H1|]. intros q Hq Hs. specialize (H2 q Hq).
    apply optimalb_spec in Hs. rewrite Hs in H2. now apply Nat.leb_le.
  - intros [H1 H2]. split; [exact H1|]. intros q Hq.
    destruct (optimalb k (level (σ ++ [p])) (p :: evict q C)) eqn:E; [|reflexivity].
    apply optimalb_spec in E. simpl. apply Nat.leb_le. now apply H2.
Qed.

Lemma far_rule_choice σ p C : NoDup C -> length C = k -> optimal k (level σ) C -> ~ In p C ->
  exists v, In v C /\ far_rule σ C p v = true.
Proof.
  intros HN HL HO Hp. destruct (safe_page k slots σ p C HN HL HO Hp) as (q & Hq & Hs).
  set (S := filter (fun q => optimalb k (level (σ ++ [p])) (p :: evict q C)) C).
  assert (HqS : In q S) by (apply filter_In; split; [exact Hq | now apply optimalb_spec]).
  destruct (top_page (distance (length σ)) S) as (v & Hv & Hmax); [intros E; now rewrite E in HqS|].
  apply filter_In in Hv as [Hv1 Hv2]. exists v. split; [exact Hv1|]. apply far_rule_spec.
  split; [now apply optimalb_spec in Hv2|]. intros x Hx Hs'. apply Hmax, filter_In.
  split; [exact Hx | now apply optimalb_spec].
Qed.

Theorem far_exists : guided_far first_far.
Proof.
  assert (HG : guided l n k first_far).
  { apply safe_is_guided; [exact slots | now apply by_rule_lazy|]. intros σ p _ Hp HK HO.
    destruct (by_rule_fits k far_rule slots σ) as [HN _]. fold first_far in HN.
    destruct (far_rule_choice σ p _ HN HK HO Hp) as (v & Hv & HR).
    unfold first_far. rewrite by_rule_snoc. fold first_far. unfold next.
    apply mem_not_In in Hp as Hm. rewrite Hm, HK, Nat.ltb_irrefl.
    now apply (victim_rule far_rule σ _ p v Hv), far_rule_spec in HR as [HR _]. }
  split; [exact HG|]. intros σ p v q Hσ Hp HK Hv Hvn Hq Hs.
  destruct (by_rule_fits k far_rule slots σ) as [HN _]. fold first_far in HN.
  pose proof (proj2 HG σ (layered_prefix _ _ _ _ Hσ)) as HO.
  destruct (far_rule_choice σ p _ HN HK HO Hp) as (w & Hw & HR).
  apply (victim_rule far_rule σ _ p w Hw), far_rule_spec in HR as [_ HR].
  assert (Ev : v = victim far_rule σ (first_far σ) p).
  { destruct (Nat.eq_dec v (victim far_rule σ (first_far σ) p)) as [|Hne]; [assumption|]. exfalso.
    apply Hvn. unfold first_far. rewrite by_rule_snoc. fold first_far. unfold next.
    apply mem_not_In in Hp. rewrite Hp, HK, Nat.ltb_irrefl. right. apply In_evict. auto. }
  rewrite Ev. now apply HR.
Qed.

End Tight.

(** Guided-far has this ratio, and no deterministic policy a smaller one. *)
Theorem deterministic_value l n k : 1 <= l -> 2 * l - 1 <= k -> k < l * n ->
  (exists A, legal l n k A /\ ratio_is l n k A (k - l + 1) 1) /\
  (forall A, legal l n k A -> ratio_at_least l n k A (k - l + 1) 1).
Proof.
  intros Hl Hk Hn.
  assert (LB : forall A, legal l n k A -> ratio_at_least l n k A (k - l + 1) 1).
  { intros A HA. apply deterministic_lower; auto. lia. }
  split; [|exact LB]. exists (first_far l n k). assert (Hkl : l <= k) by lia.
  pose proof (far_exists l n k Hl Hkl) as HF. pose proof (proj1 (proj1 (proj1 HF))) as HL.
  split; [exact HL|]. split; [|now apply LB]. exists 0. intros σ m Hσ Hm.
  pose proof (far_upper l n k Hl Hkl _ HF σ m Hσ Hm) as HU. rewrite Nat.max_r in HU by lia. lia.
Qed.
