(** * LruLower: LRU has ratio at least k for 2l-1 <= k < l n

    Note: proofs/notes/lru-value-lower.md, claims 1 to 4. Between phases LRU and the offline side have the same k pages.
    The layer whose turn it is has a page x outside, and LRU's l-1 oldest pages are of the next l-1 layers, in this
    order ([ready]). x is requested, then the other pages from the oldest on, all but the latest one: each has just been
    evicted. Offline only x is loaded, for the latest one. Then hits put the pages in order again ([restore]). One
    thing is simpler than in the note: the turn may be that of any layer. Main theorem: [lru_value]. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets LowerBound Turns LRU LruHits LruFill.
Import ListNotations.

Section LruLower.

Variables l n k : nat.
Hypothesis l_pos : 1 <= l.
Hypothesis k_enough : 2 * l - 1 <= k.
Hypothesis k_lt : k < l * n.

Let slots : 1 <= k.
Proof. lia. Qed.

Let experts : 2 <= n.
Proof. destruct n as [|[|m]]; lia. Qed.

Notation lru := (LRU k).

Notation meets := (meets l n).
Notation serves := (serves l n k).

Let lru_NoDup := lru_NoDup k slots.
Let lru_miss := lru_miss l k l_pos slots.
Let miss_cost := miss_cost l k l_pos slots.
Let serves_hit := serves_hit l n k l_pos slots.
Let gather_wait := gather_wait l n k l_pos slots.
Let gather := gather l n k l_pos slots.
Let run := run l n k l_pos slots.

(** ** A phase *)

(** Two different pages of layer [j]; one. *)
Definition two (W : list page) (j : nat) : Prop :=
  exists p q, p <> q /\ In p W /\ In q W /\ layer n p = j /\ layer n q = j.
Definition one (W : list page) (j : nat) : Prop := exists q, In q W /\ layer n q = j.

Lemma two_one W j : two W j -> one W j.
Proof. intros (p & _ & _ & Hp & _ & E & _). now exists p. Qed.

(** LRU and the offline side have the same k pages, at least two of every layer but [v]; of layer v at least one, and
    there is one outside. *)
Definition full (σ : list page) (c v x : nat) : Prop :=
  exists D, serves σ D c /\ same D (lru σ) /\ length (lru σ) = k /\ v < l /\
    (forall j, j < l -> j <> v -> two D j) /\ one D v /\
    x < l * n /\ ~ In x D /\ layer n x = v.

(** And it is the turn of layer v, and the oldest pages are of the next layers. *)
Definition ready (σ : list page) (c v x : nat) : Prop :=
  full σ c v x /\ length σ mod l = v /\ exists top M T, lru σ = top :: M ++ rev T /\ length T = l - 1 /\
    forall i t, nth_error T i = Some t -> layer n t = (length σ + 1 + i) mod l.

Lemma mod_shift a b i : a mod l = b mod l -> (a + i) mod l = (b + i) mod l.
Proof. intros E. rewrite <- (Nat.add_mod_idemp_l a), E by lia. apply Nat.add_mod_idemp_l. lia. Qed.

(** A page of each of the l-1 layers after [v]. *)
Lemma choose D v m : m <= l - 1 -> v < l -> (forall j, j < l -> j <> v -> one D j) ->
  exists T, length T = m /\ incl T D /\ NoDup T /\
    forall i t, nth_error T i = Some t -> layer n t = (v + 1 + i) mod l.
Proof.
  intros Hm Hv HD. induction m as [|m IH].
  - exists []. split; [reflexivity|]. split; [easy|]. split; [constructor|]. intros [|i] t H; discriminate.
  - destruct (IH ltac:(lia)) as (T & T1 & T2 & T3 & T4). destruct (HD ((v + 1 + m) mod l)) as (t & Ht & El).
    + apply Nat.mod_upper_bound. lia.
    + intros E. rewrite <- (Nat.mod_small v l Hv) in E at 2. rewrite <- (Nat.add_0_r v) in E at 2.
      rewrite <- Nat.add_assoc in E. apply mod_unique in E; lia.
    + exists (T ++ [t]). rewrite app_length. split; [simpl; lia|]. split; [|split].
      * intros x Hx. apply in_app_or in Hx as [Hx|[<-|[]]]; auto.
      * apply NoDup_app; [exact T3 | constructor; [easy | constructor] |]. intros x Hx [<-|[]].
        apply In_nth_error in Hx as (i & Hi). pose proof (T4 i t Hi) as E.
        assert (i < length T) by (apply nth_error_Some; congruence).
        rewrite El in E. rewrite <- !Nat.add_assoc in E. apply mod_unique in E; lia.
      * intros i x Hx. destruct (Nat.lt_ge_cases i (length T)) as [Hi|Hi].
        -- rewrite nth_error_app1 in Hx by exact Hi. now apply T4.
        -- rewrite nth_error_app2 in Hx by exact Hi. destruct (i - length T) as [|e] eqn:Ei.
           ++ injection Hx as <-. rewrite El. f_equal. lia.
           ++ destruct e; discriminate.
Qed.

(** Hits put the pages in order. *)
Lemma restore σ c v x : full σ c v x -> exists τ, ready (σ ++ τ) c v x /\ cost lru σ <= cost lru (σ ++ τ).
Proof.
  intros (D & HS & HD & HL & Hv & H2 & H1 & Hx).
  assert (Hone : forall j, j < l -> one D j).
  { intros j Hj. destruct (Nat.eq_dec j v) as [->|Hne]; [exact H1 | now apply two_one, H2]. }
  destruct (choose D v (l - 1) (le_n _) Hv) as (T & T1 & T2 & T3 & T4); [intros; now apply Hone|].
  (* the turn after v's *)
  destruct (turn l (length σ) ((v + 1) mod l)) as (d & _ & Hd); [apply Nat.mod_upper_bound; lia|].
  destruct (gather_wait [] D c d σ (lru σ) []) as (τ1 & F1 & R1 & A1 & A2 & A3 & A4 & _); rewrite ?app_nil_r; auto.
  { intros q Hq. now apply HD. }
  { intros i _. destruct (Hone ((length σ + i) mod l)) as (q & Hq & E); [apply Nat.mod_upper_bound; lia|].
    exists q. split; [now apply HD | exact E]. }
  simpl in A3. rewrite app_nil_r in A4.
  assert (E1 : same D (lru (σ ++ τ1))) by (intros q; rewrite A3, (A4 q); apply HD).
  (* the chosen pages *)
  destruct (run D c T (σ ++ τ1) [] (lru (σ ++ τ1)) A2 eq_refl T3) as (R & B1 & B2 & B3); auto.
  { intros q Hq. apply E1. auto. }
  { intros i t Ht. rewrite (T4 i t Ht). apply mod_shift. now rewrite app_length, A1, Hd. }
  simpl in B2.
  assert (HR : forall j, j < l -> one R j).
  { intros j Hj. destruct (Nat.eq_dec j v) as [->|Hne].
    - destruct H1 as (q & Hq & E). exists q. split; [|exact E]. apply B3. split; [now apply E1|]. intros HT.
      apply In_nth_error in HT as (i & Hi). assert (i < length T) by (apply nth_error_Some; congruence).
      rewrite (T4 i q Hi) in E. rewrite <- (Nat.mod_small v l Hv) in E at 2. rewrite <- (Nat.add_0_r v) in E at 2.
      rewrite <- Nat.add_assoc in E. apply mod_unique in E; lia.
    - destruct (H2 j Hj Hne) as (p & q & Hpq & Hp & Hq & Ep & Eq).
      destruct (in_dec Nat.eq_dec p T) as [Hin|Hout]; [|exists p; split; [apply B3; split; [now apply E1 | exact Hout] | exact Ep]].
      exists q. split; [|exact Eq]. apply B3. split; [now apply E1|]. intros Hin'.
      apply In_nth_error in Hin as (i & Hi), Hin' as (i' & Hi').
      assert (i < length T) by (apply nth_error_Some; congruence).
      assert (i' < length T) by (apply nth_error_Some; congruence).
      assert (i = i'); [|subst i'; congruence].
      rewrite (T4 i p Hi) in Ep. rewrite (T4 i' q Hi') in Eq. rewrite <- Eq in Ep.
      apply mod_unique in Ep; lia. }
  assert (ID : incl R D) by (intros q Hq; apply E1; now apply B3).
  (* all others *)
  destruct (gather (rev T) D c (length R) ((σ ++ τ1) ++ T) [] R) as (τ2 & F2 & C1 & C2 & C3); auto.
  simpl in C3.
  (* the turn of v *)
  destruct (turn l (length (((σ ++ τ1) ++ T) ++ τ2)) v Hv) as (d' & _ & Hd').
  destruct (gather_wait (rev T) D c d' (((σ ++ τ1) ++ T) ++ τ2) F2 []) as (τ3 & F3 & R3 & G1 & G2 & G3 & G4 & G5);
    rewrite ?app_nil_r in *; auto.
  { intros q Hq. apply ID, C3, Hq. }
  { intros i _. destruct (HR ((length (((σ ++ τ1) ++ T) ++ τ2) + i) mod l)) as (q & Hq & E);
      [apply Nat.mod_upper_bound; lia|]. exists q. split; [now apply C3 | exact E]. }
  assert (R3 = []) as -> by (destruct R3 as [|r R3]; [reflexivity | destruct (G5 r); now left]).
  rewrite app_nil_r in G3, G4.
  exists (τ1 ++ T ++ τ2 ++ τ3). rewrite !app_assoc. set (σ' := (((σ ++ τ1) ++ T) ++ τ2) ++ τ3) in *.
  assert (ES : same D (lru σ')).
  { intros q. rewrite G3, in_app_iff, <- in_rev, (G4 q), (C3 q), (B3 q), <- (E1 q).
    destruct (in_dec Nat.eq_dec q T) as [Hin|Hout]; [pose proof (T2 q Hin); tauto | tauto]. }
  assert (EL : length (lru σ') = k).
  { transitivity (length (lru σ)); [|exact HL]. apply same_length; [apply lru_NoDup | apply lru_NoDup |].
    intros q. rewrite <- (ES q). apply HD. }
  assert (Hturn : length σ' mod l = v) by (unfold σ'; rewrite app_length, G1; exact Hd').
  split; [|unfold σ'; rewrite <- !app_assoc; apply cost_mono]. split.
  { exists D. split; [exact G2|]. split; [exact ES|]. split; [exact EL|]. split; [exact Hv|]. auto. }
  split; [exact Hturn|].
  destruct F3 as [|top M].
  - exfalso. rewrite G3, app_nil_l, rev_length, T1 in EL. lia.
  - exists top, M, T. split; [exact G3|]. split; [exact T1|]. intros i t Ht. rewrite (T4 i t Ht), <- !Nat.add_assoc.
    apply mod_shift. rewrite Hturn. now apply Nat.mod_small.
Qed.

(** The rest of a phase: [p] is being requested, [M] has the pages to be evicted before [top]. *)
Lemma rest top D c M : forall p F σ, serves (σ ++ [p]) D c -> lru σ = F ++ top :: M -> length (lru σ) = k ->
  ~ In p (lru σ) -> meets (p :: F) -> same D (p :: F ++ M) ->
  exists τ, serves ((σ ++ [p]) ++ τ) D c /\ same D (lru ((σ ++ [p]) ++ τ)) /\ length (lru ((σ ++ [p]) ++ τ)) = k /\
    cost lru σ + S (length M) <= cost lru ((σ ++ [p]) ++ τ).
Proof.
  induction M as [|u M IH] using rev_ind; intros p F σ HS E HL Hp HM HD.
  - exists []. rewrite !app_nil_r in *. rewrite (lru_miss σ p F top E HL Hp).
    split; [exact HS|]. split; [exact HD|]. split.
    + rewrite E, app_length in HL. simpl in *. lia.
    + pose proof (miss_cost σ p Hp). simpl. lia.
  - assert (E1 : lru (σ ++ [p]) = (p :: F) ++ top :: M).
    { rewrite (lru_miss σ p (F ++ top :: M) u); auto. rewrite E, <- app_assoc. reflexivity. }
    assert (HL1 : length (lru (σ ++ [p])) = k).
    { rewrite E1. rewrite E in HL. rewrite !app_length in *. simpl in *. rewrite app_length in HL. simpl in HL. lia. }
    assert (HuD : In u D) by (apply HD; right; apply in_or_app; right; apply in_or_app; right; now left).
    assert (Hu : ~ In u (lru (σ ++ [p]))).
    { rewrite E1. pose proof (lru_NoDup σ) as HN. rewrite E in HN. change (top :: M ++ [u]) with ((top :: M) ++ [u]) in HN.
      rewrite app_assoc in HN. intros [<-|H].
      - apply Hp. rewrite E. apply in_or_app. right. right. apply in_or_app. right. now left.
      - apply (NoDup_apart _ _ u HN); [exact H | now left]. }
    destruct (next_turn l (length (σ ++ [p])) (layer n u)) as (d & _ & Hd & _).
    { apply layer_lt, HS, HuD. }
    destruct (gather_wait (top :: M) D c d (σ ++ [p]) (p :: F) []) as (τ & F' & R' & T1 & T2 & T3 & T4 & T5);
      rewrite ?app_nil_r in *; auto.
    { intros x Hx. apply HD. destruct Hx as [->|Hx]; [now left | right; apply in_or_app; now left]. }
    { intros i _. apply HM, Nat.mod_upper_bound. lia. }
    assert (R' = []) as -> by (destruct R' as [|r R']; [reflexivity | destruct (T5 r); now left]).
    rewrite app_nil_r in T3, T4.
    assert (HSu : serves (((σ ++ [p]) ++ τ) ++ [u]) D c).
    { apply serves_hit; [exact T2 | exact HuD |]. now rewrite app_length, T1. }
    destruct (IH u F' ((σ ++ [p]) ++ τ) HSu T3) as (τ' & P1 & P2 & P3 & P4).
    + transitivity (length (lru (σ ++ [p]))); [|exact HL1]. apply same_length; [apply lru_NoDup | apply lru_NoDup |].
      intros x. rewrite T3, E1, !in_app_iff, (T4 x). tauto.
    + rewrite T3. intros H. apply Hu. rewrite E1. apply in_or_app. apply in_app_or in H as [H|H]; [left; now apply T4 | now right].
    + intros j Hj. destruct (HM j Hj) as (q & Hq & El). exists q. split; [right; now apply T4 | exact El].
    + intros x. rewrite (HD x). simpl. rewrite !in_app_iff, (T4 x). simpl. tauto.
    + exists (τ ++ [u] ++ τ'). rewrite !app_assoc in *. split; [exact P1|]. split; [exact P2|]. split; [exact P3|].
      rewrite app_length. simpl. pose proof (miss_cost σ p Hp). pose proof (cost_mono lru (σ ++ [p]) τ). lia.
Qed.

(** The pages whose layers come in turn, before it. *)
Lemma first top D c M T : forall p F σ, serves (σ ++ [p]) D c -> lru σ = F ++ top :: M ++ rev T ->
  length (lru σ) = k -> ~ In p (lru σ) -> meets (p :: F ++ T) -> same D (p :: F ++ M ++ T) ->
  (forall i t, nth_error T i = Some t -> layer n t = (length σ + 1 + i) mod l) ->
  exists τ, serves ((σ ++ [p]) ++ τ) D c /\ same D (lru ((σ ++ [p]) ++ τ)) /\ length (lru ((σ ++ [p]) ++ τ)) = k /\
    cost lru σ + S (length M + length T) <= cost lru ((σ ++ [p]) ++ τ).
Proof.
  induction T as [|t T IH]; intros p F σ HS E HL Hp HM HD HT.
  - simpl in E. rewrite !app_nil_r in *. rewrite Nat.add_0_r. now apply (rest top D c M p F σ).
  - assert (E1 : lru (σ ++ [p]) = (p :: F) ++ top :: M ++ rev T).
    { rewrite (lru_miss σ p (F ++ top :: M ++ rev T) t); auto. rewrite E. simpl. rewrite <- !app_assoc.
      simpl. now rewrite <- app_assoc. }
    assert (HL1 : length (lru (σ ++ [p])) = k).
    { rewrite E1. rewrite E in HL. simpl rev in HL. rewrite !app_length in *. simpl in *.
      rewrite !app_length in *. simpl in *. lia. }
    assert (HtD : In t D) by (apply HD; right; rewrite !in_app_iff; right; right; now left).
    assert (Ht : ~ In t (lru (σ ++ [p]))).
    { rewrite E1. pose proof (lru_NoDup σ) as HN. rewrite E in HN. simpl rev in HN.
      replace (F ++ top :: M ++ rev T ++ [t]) with ((F ++ top :: M ++ rev T) ++ [t]) in HN
        by (rewrite <- app_assoc; simpl; now rewrite <- app_assoc).
      intros [<-|H].
      - apply Hp. rewrite E. apply in_or_app. right. right. apply in_or_app. right. rewrite <- in_rev. now left.
      - apply (NoDup_apart _ _ t HN); [exact H | now left]. }
    assert (HSt : serves ((σ ++ [p]) ++ [t]) D c).
    { apply serves_hit; [exact HS | exact HtD |]. rewrite (HT 0 t eq_refl), app_length. simpl. f_equal. lia. }
    destruct (IH t (p :: F) (σ ++ [p]) HSt E1 HL1 Ht) as (τ & P1 & P2 & P3 & P4).
    + intros j Hj. destruct (HM j Hj) as (q & Hq & El). exists q. split; [|exact El].
      simpl in *. rewrite in_app_iff in *. simpl in Hq. tauto.
    + intros x. rewrite (HD x). simpl. rewrite !in_app_iff. simpl. tauto.
    + intros i y Hy. rewrite (HT (S i) y Hy), app_length. simpl. f_equal. lia.
    + exists ([t] ++ τ). rewrite app_assoc. split; [exact P1|]. split; [exact P2|]. split; [exact P3|].
      simpl. pose proof (miss_cost σ p Hp). lia.
Qed.

(** A phase costs LRU k and the offline side one. *)
Lemma phase σ c v x : full σ c v x -> exists τ c' v' x',
  full (σ ++ τ) c' v' x' /\ c' <= c + 1 /\ cost lru σ + k <= cost lru (σ ++ τ).
Proof.
  intros HF. destruct (restore σ c v x HF) as (τ0 & HR & HC). clear HF.
  remember (σ ++ τ0) as ρ eqn:Eρ.
  destruct HR as ((D & HS & HD & HL & Hv & H2 & H1 & Hx & HxD & Ex) & Hturn & top & M & T & E & T1 & T2).
  pose proof (lru_NoDup ρ) as HN. rewrite E in HN. inversion_clear HN as [|? ? Htop HN'].
  set (D' := x :: M ++ rev T). assert (Hsub : forall q, In q (M ++ rev T) -> In q D).
  { intros q Hq. apply HD. rewrite E. now right. }
  assert (HF' : fits k D').
  { split; [constructor; [intros H; now apply HxD, Hsub | exact HN']|]. rewrite E in HL. exact (Nat.eq_le_incl _ _ HL). }
  assert (HS' : serves (ρ ++ [x]) D' (c + loads D D')).
  { destruct HS as (S1 & S2 & S3). split; [apply layered_snoc; auto; congruence|]. split.
    - constructor; [exact S2 | exact HF' | now left].
    - intros q [<-|Hq]; [exact Hx | now apply S3, Hsub]. }
  assert (HC' : loads D D' <= 1).
  { apply (loads_one _ _ x (proj1 HF')). intros q [<-|Hq]; [now left | right; now apply Hsub]. }
  assert (Hxl : ~ In x (lru ρ)) by (intros H; now apply HxD, HD).
  assert (HtD : In top D) by (apply HD; rewrite E; now left).
  destruct (first top D' (c + loads D D') M T x [] ρ HS' E HL Hxl) as (τ & P1 & P2 & P3 & P4).
  - intros j Hj. destruct (turn l (length ρ) j Hj) as ([|i] & Hi & Ei).
    + exists x. split; [now left|]. rewrite Nat.add_0_r in Ei. congruence.
    + destruct (nth_error T i) as [t|] eqn:Et.
      * exists t. split; [right; simpl; now apply nth_error_In in Et|]. rewrite (T2 i t Et). rewrite <- Ei. f_equal. lia.
      * apply nth_error_None in Et. lia.
  - intros q. unfold D'. simpl. rewrite !in_app_iff, <- in_rev. tauto.
  - exact T2.
  - assert (Hcount : S (length M + length T) = k).
    { rewrite E in HL. simpl in HL. rewrite app_length, rev_length in HL. exact HL. }
    exists (τ0 ++ [x] ++ τ), (c + loads D D'), (layer n top), top.
    assert (Ea : σ ++ τ0 ++ [x] ++ τ = (ρ ++ [x]) ++ τ) by (rewrite Eρ; now rewrite !app_assoc).
    rewrite Ea. split; [|split; lia].
    assert (Hkeep : forall q, In q D -> q <> top -> In q D').
    { intros q Hq Hne. apply HD in Hq. rewrite E in Hq. destruct Hq as [Hq|Hq]; [congruence | now right]. }
    exists D'. split; [exact P1|]. split; [exact P2|]. split; [exact P3|].
    split; [now apply layer_lt, HS|]. split; [|split; [|split; [now apply HS|split; [|reflexivity]]]].
    + intros j Hj Hne. destruct (Nat.eq_dec j v) as [->|Hjv].
      * destruct H1 as (q & Hq & Eq). exists x, q. split; [congruence|]. split; [now left|].
        split; [apply Hkeep; [exact Hq | congruence] | auto].
      * destruct (H2 j Hj Hjv) as (p & q & Hpq & Hp & Hq & Ep & Eq). exists p, q. split; [exact Hpq|].
        split; [apply Hkeep; [exact Hp | congruence]|]. split; [apply Hkeep; [exact Hq | congruence] | auto].
    + destruct (Nat.eq_dec (layer n top) v) as [Etv|Hne]; [exists x; split; [now left | congruence]|].
      destruct (H2 (layer n top)) as (p & q & Hpq & Hp & Hq & Ep & Eq); [now apply layer_lt, HS | exact Hne |].
      destruct (Nat.eq_dec p top) as [->|Hpt].
      * exists q. split; [apply Hkeep; auto | exact Eq].
      * exists p. split; [now apply Hkeep | exact Ep].
    + intros [<-|H]; contradiction.
Qed.

(** ** The start *)

Let n_pos : 1 <= n.
Proof. lia. Qed.

Lemma start : exists σ c v x, full σ c v x.
Proof.
  destruct (first_pages l n k l_pos k_enough k_lt) as (W & W1 & W2 & W3 & W4 & W5 & W6).
  destruct (fill l n k l_pos slots n_pos W W2 W3 W5 W (incl_refl W)) as (σ & H1 & H2 & H3 & _).
  exists σ, (cost lru σ), 0, 1, (lru σ). split; [|split; [red; tauto|split; [|split; [lia|split; [|split; [|split]]]]]].
  - split; [exact H1|]. split; [apply (policy_schedule l n k lru σ (LRU_legal l n k slots) H1) | auto].
  - rewrite <- W2 at 2. apply same_length; [apply lru_NoDup | exact W1 |]. intros q. split; auto.
  - intros j Hj Hne. exists (j * n), (j * n + 1). split; [lia|]. split; [now apply H3, W5|].
    split; [apply H3, W6; lia|]. split; [apply layer_first; lia|].
    unfold layer. rewrite Nat.add_comm, Nat.div_add, Nat.div_small by lia. reflexivity.
  - exists (0 * n). split; [apply H3, W5; lia | apply layer_first; lia].
  - nia.
  - split; [intros H; now apply W4, H2|]. unfold layer. apply Nat.div_small. lia.
Qed.

(** Sequences as long as one likes. *)
Lemma lru_family : exists c0, forall N, exists σ D c, layered l n σ /\ schedule k σ D c /\
  k * c <= cost lru σ + c0 /\ N <= cost lru σ.
Proof.
  destruct start as (σ0 & c0 & v0 & x0 & H0). exists (k * c0).
  assert (Hphases : forall N, exists σ c v x, full σ c v x /\ c <= c0 + N /\ N * k <= cost lru σ).
  { induction N as [|N (σ & c & v & x & HF & Hc & HN)].
    - exists σ0, c0, v0, x0. split; [exact H0|]. lia.
    - destruct (phase σ c v x HF) as (τ & c' & v' & x' & HF' & Hc' & HN'). exists (σ ++ τ), c', v', x'.
      split; [exact HF'|]. simpl. lia. }
  intros N. destruct (Hphases N) as (σ & c & v & x & (D & (Hσ & HS & _) & _) & Hc & HN).
  exists σ, D, c. split; [exact Hσ|]. split; [exact HS|]. split.
  - assert (k * c <= k * (c0 + N)) by now apply Nat.mul_le_mono_l.
    rewrite Nat.mul_add_distr_l in H. lia.
  - assert (N * 1 <= N * k) by now apply Nat.mul_le_mono_l. lia.
Qed.

Theorem lru_lower : ratio_at_least l n k lru k 1.
Proof.
  destruct lru_family as (c0 & HF). apply (lower_bound l n k lru slots k 1 c0). intros N.
  destruct (HF N) as (σ & D & c & Hσ & HS & HC & HN). exists σ, D, c. rewrite Nat.mul_1_l. auto.
Qed.

End LruLower.

(** For 2l-1 <= k < l n the ratio of LRU is exactly k. *)
Theorem lru_value l n k : 1 <= l -> 2 * l - 1 <= k -> k < l * n -> ratio_is l n k (LRU k) k 1.
Proof.
  intros Hl Hk Hn. split; [|now apply lru_lower]. exists 0. intros σ m Hσ Hm.
  assert (slots : 1 <= k) by lia.
  pose proof (lru_upper l n k slots σ m Hσ Hm). lia.
Qed.
