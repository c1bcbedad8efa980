(** * Transports: states with shares of caches, and the play by positions

    proofs/soundness.md, `randomized-upper`. What is checked here is plainer than the certificate: for each
    state the caches themselves, by positions of pages, with their shares, and for the request of each
    position a transport of shares from cache to cache. Which caches look alike is the business of those who
    write the transports down; here every share must arrive. Main theorem: [stands_always], the states say
    the levels of the real play. *)

From Coq Require Import List Arith NArith Lia Bool.
From LayeredPaging Require Import Model Sets Turns Offset Labels Warm Shares.
Import ListNotations.
Open Scope nat_scope.

(** A request of one position. The state after it, by its number; for each position of that state, the position
    that its page had before; and for each cache, in turn, the numbers of those that follow it, with the share
    that each takes over. *)
Record transport := Transport { leads : nat; came : list nat; parts : list (list (nat * N)) }.

(** The levels by position, from the layer whose turn it is; the caches, as positions, with their shares; the
    potential; and a transport for each position of this layer. *)
Record mixture := Mixture { heights : list nat; blend : list (list nat * N); reserve : N; transports : list transport }.

Section Checker.

Variables l n k : nat.

(** The ratio, times a common denominator, and the sum of the shares of a state. *)
Variables p q M : N.

Definition height (e : mixture) (y : nat) : nat := nth y (heights e) 0.
Definition from (t : transport) (y : nat) : nat := nth y (came t) (l * n).
Definition chosen (e : mixture) (j : nat) : list nat * N := nth j (blend e) ([], 0%N).

(** What is loaded when a cache of the state after [t] follows one of the state before. *)
Definition loaded (t : transport) (C D : list nat) : nat := length (filter (fun y => negb (mem (from t y) C)) D).

Definition cost_of (e e' : mixture) (t : transport) : N :=
  sum_of (fun z => sum_of (fun b => (snd b * N.of_nat (loaded t (fst (fst z)) (fst (chosen e' (fst b)))))%N) (snd z))
    (combine (blend e) (parts t)).

Definition check_transport (entries : list mixture) (e : mixture) (i : nat) (t : transport) : bool :=
  match nth_error entries (leads t) with
  | None => false
  | Some e' =>
      forallb (fun y => (from t y <? l * n) && (from t y / n =? (y / n + 1) mod l) &&
        (height e' y =? if from t y =? i then 1 else risen k (height e i) (height e (from t y)))) (seq 0 (l * n)) &&
      differ Nat.eq_dec (map (from t) (seq 0 (l * n))) &&
      forallb (fun c => existsb (fun y => from t y =? i) (fst c)) (blend e') &&
      (if list_eq_dec N.eq_dec (map (sum_of snd) (parts t)) (map snd (blend e)) then true else false) &&
      forallb (fun b => fst b <? length (blend e')) (concat (parts t)) &&
      forallb (fun j => N.eqb (sum_of snd (filter (fun b => fst b =? j) (concat (parts t)))) (snd (chosen e' j)))
        (seq 0 (length (blend e'))) &&
      (q * cost_of e e' t + reserve e' <=? reserve e + if (k <? height e i)%nat then p * M else 0)%N
  end.

Definition check_cache (c : list nat * N) : bool :=
  (length (fst c) <=? k) && forallb (fun y => y <? l * n) (fst c) && differ Nat.eq_dec (fst c) && (1 <=? snd c)%N.

Definition check_mixture (entries : list mixture) (e : mixture) : bool :=
  forallb check_cache (blend e) && differ (list_eq_dec Nat.eq_dec) (map fst (blend e)) &&
  (sum_of snd (blend e) =? M)%N &&
  forallb (fun i => match nth_error (transports e) i with Some t => check_transport entries e i t | None => false end)
    (seq 0 n).

(** The checker. The first entry is the state in which play begins, with full caches. *)
Definition check_randomized_upper (entries : list mixture) : bool :=
  warm_ok l n k && (1 <=? M)%N && (1 <=? q)%N &&
  match entries with
  | [] => false
  | e :: _ => if list_eq_dec Nat.eq_dec (heights e) (levels_list k (l * n) (warm l n k)) then true else false
  end && forallb (check_mixture entries) entries.

(** ** What is checked holds of the play *)

Section Sound.

Variable entries : list mixture.
Hypothesis accepted : check_randomized_upper entries = true.

Let w := warm l n k.

Lemma accepted_warm : 1 <= l /\ 1 <= n /\ 1 <= k /\ layered l n w /\ length w mod l = 0.
Proof.
  unfold check_randomized_upper in accepted. rewrite !andb_true_iff in accepted. destruct accepted as [[[[H _] _] _] _].
  apply warm_ok_spec in H. tauto.
Qed.

Lemma accepted_numbers : (1 <=? M)%N = true /\ (1 <=? q)%N = true.
Proof. unfold check_randomized_upper in accepted. rewrite !andb_true_iff in accepted. tauto. Qed.

Lemma accepted_entry e : In e entries -> check_mixture entries e = true.
Proof.
  unfold check_randomized_upper in accepted. rewrite !andb_true_iff in accepted. destruct accepted as [_ H].
  rewrite forallb_forall in H. apply H.
Qed.

Lemma blend_facts e : In e entries ->
  (forall c, In c (blend e) -> length (fst c) <= k /\ (forall y, In y (fst c) -> y < l * n) /\ NoDup (fst c) /\
    (1 <=? snd c)%N = true) /\
  NoDup (map fst (blend e)) /\ sum_of snd (blend e) = M.
Proof.
  intros He. apply accepted_entry in He. unfold check_mixture in He. rewrite !andb_true_iff in He.
  destruct He as [[[H1 H2] H3] _]. rewrite forallb_forall in H1. repeat split.
  1, 2, 3, 4: pose proof (H1 c H) as HC; unfold check_cache in HC; rewrite !andb_true_iff in HC;
    destruct HC as [[[C1 C2] C3] C4].
  - now apply Nat.leb_le.
  - intros y Hy. rewrite forallb_forall in C2. now apply Nat.ltb_lt, C2.
  - now apply differ_spec in C3.
  - exact C4.
  - now apply differ_spec in H2.
  - now apply N.eqb_eq.
Qed.

(** *** The real play: the state, and which page is at which position *)

Definition first : mixture := hd (Mixture [] [] 0 []) entries.
Definition entry (j : nat) : mixture := nth j entries first.
Definition asked (e : mixture) (i : nat) : transport := nth i (transports e) (Transport 0 [] []).

Definition position (a : nat -> page) (x : page) : nat :=
  match find (fun i => a i =? x) (seq 0 n) with Some i => i | None => 0 end.

Definition step (s : mixture * (nat -> page)) (x : page) : mixture * (nat -> page) :=
  let t := asked (fst s) (position (snd s) x) in (entry (leads t), fun y => snd s (from t y)).

Definition play (σ : list page) : mixture * (nat -> page) := fold_left step σ (first, fun y => y).

Definition state (σ : list page) : mixture := fst (play σ).
Definition page_at (σ : list page) : nat -> page := snd (play σ).
Definition moves (σ : list page) (x : page) : transport := asked (state σ) (position (page_at σ) x).

Lemma play_snoc σ x : play (σ ++ [x]) = (entry (leads (moves σ x)), fun y => page_at σ (from (moves σ x) y)).
Proof. unfold play. now rewrite fold_left_app. Qed.

Lemma transport_facts e i : In e entries -> i < n -> let t := asked e i in let e' := entry (leads t) in
  In e' entries /\
  (forall y, y < l * n -> from t y < l * n /\ from t y / n = (y / n + 1) mod l /\
    height e' y = if from t y =? i then 1 else risen k (height e i) (height e (from t y))) /\
  NoDup (map (from t) (seq 0 (l * n))) /\
  (forall c, In c (blend e') -> exists y, In y (fst c) /\ from t y = i) /\
  map (sum_of snd) (parts t) = map snd (blend e) /\
  (forall b, In b (concat (parts t)) -> fst b < length (blend e')) /\
  (forall j, j < length (blend e') ->
    sum_of snd (filter (fun b => fst b =? j) (concat (parts t))) = snd (chosen e' j)) /\
  (q * cost_of e e' t + reserve e' <=? reserve e + if (k <? height e i)%nat then p * M else 0)%N = true.
Proof.
  intros He Hi. apply accepted_entry in He. unfold check_mixture in He. rewrite !andb_true_iff in He.
  destruct He as [_ H]. rewrite forallb_forall in H. specialize (H i ltac:(apply in_seq; lia)).
  destruct (nth_error (transports e) i) as [t|] eqn:E; [|discriminate]. cbv zeta.
  unfold asked. rewrite (nth_error_nth _ _ _ E). unfold check_transport in H.
  destruct (nth_error entries (leads t)) as [e'|] eqn:E'; [|discriminate].
  unfold entry. rewrite (nth_error_nth _ _ _ E'). rewrite !andb_true_iff, !forallb_forall in H.
  destruct H as [[[[[[H1 H2] H3] H4] H5] H6] H7]. split; [now apply nth_error_In in E'|]. split; [|split; [|split; [|split; [|split; [|split]]]]].
  - intros y Hy. specialize (H1 y ltac:(apply in_seq; lia)).
    rewrite !andb_true_iff, Nat.ltb_lt, !Nat.eqb_eq in H1. tauto.
  - now apply differ_spec in H2.
  - intros c Hc. specialize (H3 c Hc). apply existsb_exists in H3 as (y & H & H'). apply Nat.eqb_eq in H'. now exists y.
  - now destruct (list_eq_dec _ _ _).
  - intros b Hb. now apply Nat.ltb_lt, H5.
  - intros j Hj. apply N.eqb_eq, H6. apply in_seq. lia.
  - exact H7.
Qed.

Definition stands (σ : list page) : Prop :=
  In (state σ) entries /\
  (forall y, y < l * n -> page_at σ y < l * n) /\
  (forall y z, y < l * n -> z < l * n -> page_at σ y = page_at σ z -> y = z) /\
  (forall y, y < l * n -> layer n (page_at σ y) = (length σ + y / n) mod l) /\
  forall y, y < l * n -> levels_of k (w ++ σ) (page_at σ y) = height (state σ) y.

(** The page requested is at some position of the layer whose turn it is. *)
Lemma stands_position σ x : stands σ -> layered l n (σ ++ [x]) ->
  position (page_at σ) x < n /\ page_at σ (position (page_at σ) x) = x.
Proof.
  intros (_ & H1 & H2 & H3 & _) Hσ. apply layered_last in Hσ as [Hx HL].
  destruct accepted_warm as (Hl & Hn & _).
  assert (HI : In x (map (page_at σ) (seq 0 (l * n)))).
  { apply (NoDup_length_incl (l := map (page_at σ) (seq 0 (l * n))) (l' := seq 0 (l * n))).
    - apply NoDup_map_on; [|apply seq_NoDup]. intros y z Hy Hz. apply in_seq in Hy, Hz. apply H2; lia.
    - rewrite map_length. lia.
    - intros y Hy. apply in_map_iff in Hy as (z & <- & Hz). apply in_seq in Hz. apply in_seq.
      specialize (H1 z). lia.
    - apply in_seq. lia. }
  apply in_map_iff in HI as (y & E & Hy). apply in_seq in Hy. simpl in Hy.
  assert (HY : y < n).
  { specialize (H3 y ltac:(lia)). rewrite E, HL in H3. rewrite <- (Nat.add_0_r (length σ)) in H3 at 1.
    apply mod_unique in H3; [|lia | apply Nat.div_lt_upper_bound; nia].
    apply Nat.nle_gt. intros HY. apply (Nat.div_le_mono n y n) in HY; [|lia]. rewrite Nat.div_same in HY; lia. }
  unfold position. destruct (find _ _) as [i|] eqn:F.
  - apply find_some in F as [F1 F2]. apply in_seq in F1. apply Nat.eqb_eq in F2. split; [lia | exact F2].
  - pose proof (find_none _ _ F y ltac:(apply in_seq; lia)) as H. simpl in H. apply Nat.eqb_neq in H. congruence.
Qed.

Lemma stands_always σ : layered l n σ -> stands σ.
Proof.
  destruct accepted_warm as (Hl & Hn & Hk & Hw & H0). induction σ as [|σ x IH] using snoc_ind; intros Hσ.
  - unfold check_randomized_upper in accepted. rewrite !andb_true_iff in accepted. destruct accepted as [[_ H] _].
    unfold stands, state, page_at, play, first. simpl fold_left. cbn [fst snd]. rewrite app_nil_r.
    destruct entries as [|e rest]; [discriminate|]. destruct (list_eq_dec _ _ _) as [E|]; [|discriminate].
    cbn [hd]. split; [now left|]. split; [auto|]. split; [auto|]. split.
    + intros y Hy. unfold layer. simpl. rewrite Nat.mod_small; [reflexivity|]. apply Nat.div_lt_upper_bound; nia.
    + intros y Hy. unfold height. rewrite E, levels_list_spec by (intros z; now apply layered_bound).
      rewrite (nth_indep _ _ (levels_of k (warm l n k) 0)) by now rewrite map_length, seq_length.
      now rewrite map_nth, seq_nth.
  - pose proof (IH (layered_prefix _ _ _ _ Hσ)) as HS. destruct (stands_position σ x HS Hσ) as [Hi Hx].
    destruct HS as (He & H1 & H2 & H3 & H4). set (i := position (page_at σ) x) in *.
    destruct (transport_facts (state σ) i He Hi) as (He' & T1 & T2 & _).
    assert (HIn : i < l * n) by nia.
    unfold stands, state, page_at. rewrite play_snoc. unfold moves. fold i. cbn [fst snd].
    set (t := asked (state σ) i) in *. split; [exact He'|]. split; [|split; [|split]].
    + intros y Hy. apply H1. now apply T1.
    + intros y z Hy Hz E. apply H2 in E; [|now apply T1 | now apply T1].
      apply (NoDup_map_same _ _ y z T2); [apply in_seq; lia | apply in_seq; lia | exact E].
    + intros y Hy. destruct (T1 y Hy) as (F1 & F2 & _). rewrite (H3 _ F1), F2, Nat.add_mod_idemp_r by lia.
      rewrite app_length. simpl. f_equal. lia.
    + intros y Hy. destruct (T1 y Hy) as (F1 & _ & F3). rewrite F3, app_assoc, levels_snoc.
      rewrite <- (H4 i HIn), <- (H4 _ F1), Hx. unfold request, risen.
      destruct (Nat.eqb_spec (page_at σ (from t y)) x) as [E|E], (Nat.eqb_spec (from t y) i) as [E'|E']; try reflexivity.
      * destruct E'. apply H2; congruence.
      * destruct E. congruence.
Qed.

End Sound.

End Checker.
