(** * Window: the first l requests after a growth, under guided-far

    Note: proofs/notes/guided-far-upper.md; counted in another way here. Let s >= l+1 distinct pages
    have been requested between the growth before and this one. P is the set of these pages, of the
    page that grew OPT, and of those requested since that were not in it: all pages of levels up to b,
    b + 1 of them. If one of P is not cached any more, its layer does not come again in the window, as
    the farthest layer is evicted first; so every miss adds a page to P and raises b, from s to at most
    k. Main theorems: [win_start], [win_step]. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Offset Since LazyFacts Guided Turns Low Far.
Import ListNotations.

Section Windows.

Variables l n k : nat.
Hypothesis l_pos : 1 <= l.
Hypothesis k_enough : l <= k.

Let slots : 1 <= k.
Proof. lia. Qed.

Notation level := (levels_of k).
Notation since := (since k).

Notation distance := (Far.distance l n).
Notation safe := (Far.safe k).
Notation guided_far := (Far.guided_far l n k).

Let distance_spec := Far.distance_spec l n k l_pos k_enough.

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
  pose proof (low_of_optimal k (level σ) C (S (S i)) HL HO Hi) as H. change (1 <=? S (S i)) with true. cbv iota.
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
    rewrite <- (low_since k slots σ0 i) at 2 by exact Hb. unfold low, count. f_equal.
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
        pose proof (low_of_optimal k _ C (S b) HC Hsafe ltac:(lia)) as Hopt.
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
        pose proof (low_of_optimal k _ _ i HCq Hsafe Hi) as Hopt.
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

End Policy.

End Windows.
