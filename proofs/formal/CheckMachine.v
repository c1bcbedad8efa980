(** * CheckMachine: checkers for a policy that answers by labels

    proofs/soundness.md, `policy-upper` (U1) and `policy-lower` (P1 to P3), for any [answer] of
    Machine.v. Main theorems: [upper_sound], [upper_legal], [lower_sound], [lower_infinite]. *)

From Coq Require Import List Arith NArith Lia Bool.
From LayeredPaging Require Import Model Sets Offset LowerBound Labels Table Warm Claims Machine.
Import ListNotations.

(** A state and its potential. *)
Record valued := Valued { at_state : state; potential : N }.

Section Checkers.

Variables l n k : nat.
Variable answer : state -> nat -> option (list (list nat)).

(** How the game begins: Machine.v. *)
Variable w : list page.
Variable first : list nat.
Variable first_unused : list nat.

Definition ready : bool :=
  (1 <=? l) && (1 <=? n) && (1 <=? k) && layeredb l n w && (length w mod l =? 0).

Definition first_state : state :=
  let levels := levels_list k (l * n) w in
  (map (sort (fun b => b)) (each (fun p => (nth p levels 0, nth p first 0)) (in_order l n)), first_unused).

Lemma ready_spec : ready = true ->
  1 <= l /\ 1 <= n /\ 1 <= k /\ layered l n w /\ length w mod l = 0.
Proof.
  unfold ready. rewrite !andb_true_iff, !Nat.leb_le, Nat.eqb_eq. intros [[[[H1 H2] H3] H4] H5].
  apply layeredb_spec in H4. auto.
Qed.

Lemma view_begin : ready = true -> view (begin l n k w first first_unused) = first_state.
Proof.
  intros H. apply ready_spec in H as (Hl & Hn & _ & Hw & _). unfold view, begin, first_state. simpl. f_equal.
  rewrite each_sort. f_equal. apply each_ext_in. intros x Hx.
  apply (arranged_In l n Hl 0 _ x (arranged_in_order l n Hl Hn)) in Hx. unfold first_lab. f_equal.
  rewrite levels_list_spec by (intros y; now apply layered_bound).
  rewrite (nth_indep _ _ (levels_of k w 0)) by now rewrite map_length, seq_length.
  now rewrite map_nth, seq_nth.
Qed.

Notation step := (step k answer).
Notation run := (run l n k answer w first first_unused).
Notation after := (after l n k answer w first first_unused).
Notation played := (played l n k answer w first first_unused).
Notation follows := (follows l n k answer w first first_unused).
Notation policy_of := (policy_of l n k answer w first first_unused).

Lemma played_run σ m : run σ = Some m -> played σ = cached l n m.
Proof. intros H. unfold Machine.played. now rewrite H. Qed.

Lemma policy_of_run σ m : σ <> [] -> run σ = Some m -> policy_of σ = cached l n m.
Proof. intros Hne Hm. destruct σ as [|x σ]; [easy|]. unfold Machine.policy_of. now rewrite Hm. Qed.

Lemma policy_of_follows : follows policy_of.
Proof.
  split; [reflexivity|]. intros σ m Hne _ Hm. rewrite (policy_of_run σ m Hne Hm).
  split; [apply cached_set | red; tauto].
Qed.

(** ** From above *)

Variables p q : N.

Definition check_valued (T : table valued) (e : valued) : bool :=
  let s := at_state e in
  let row := hd [] (fst s) in
  forallb (fun j =>
    match nth_error row j with
    | None => false
    | Some b =>
        if index b row =? j
        then match step s j with
             | None => false
             | Some (s', (a, g)) =>
                 match look_up valued at_state T s' with
                 | None => false
                 | Some e' => enough p q (potential e) (potential e') a g
                 end
             end
        else true
    end) (seq 0 (length row)).

Definition upper (entries : list valued) : bool :=
  let T := tabulate valued at_state entries in
  ready &&
  match look_up valued at_state T first_state with
  | None => false
  | Some _ => forallb (check_valued T) entries
  end.

Section Upper.

Variable entries : list valued.
Hypothesis accepted : upper entries = true.

Let T := tabulate valued at_state entries.
Let P := N.to_nat p.
Let Q := N.to_nat q.

Lemma upper_ready : ready = true.
Proof. unfold upper in accepted. now apply andb_prop in accepted as [H _]. Qed.

(** One request. *)
Lemma upper_step σ m e x : after σ m -> In e entries -> at_state e = view m -> layered l n (σ ++ [x]) ->
  exists m' e', after (σ ++ [x]) m' /\ In e' entries /\ at_state e' = view m' /\
    Q * loads (cached l n m) (cached l n m') + N.to_nat (potential e')
      <= N.to_nat (potential e) + P * (if grows k (levels_of k (w ++ σ)) x then 1 else 0) /\
    fits k (cached l n m') /\ In x (cached l n m').
Proof.
  intros Ha He Hs Hx. destruct (ready_spec upper_ready) as (Hl & _ & _ & _ & _).
  pose proof accepted as HC. unfold upper in HC. apply andb_prop in HC as [_ HC]. fold T in HC.
  destruct (look_up _ _ T first_state); [|discriminate]. rewrite forallb_forall in HC. specialize (HC e He).
  destruct (place_of l n k Hl answer w first first_unused σ m x Ha Hx) as (y & row & rest & E & Hy & Hxy & _).
  set (j := index (lab m x) (hd [] (fst (view m)))) in *.
  unfold check_valued in HC. rewrite Hs in HC. rewrite forallb_forall in HC. specialize (HC j).
  assert (Hb : nth_error (hd [] (fst (view m))) j = Some (lab m x)).
  { unfold view. rewrite E. simpl. rewrite nth_error_map. unfold j in Hy. unfold j. rewrite Hy. simpl. now rewrite Hxy. }
  assert (Hj : j < length (hd [] (fst (view m)))) by (apply nth_error_Some; congruence).
  specialize (HC ltac:(apply in_seq; lia)). rewrite Hb in HC. fold j in HC. rewrite Nat.eqb_refl in HC.
  destruct (step (view m) j) as [[s [a g]]|] eqn:S; [|discriminate].
  destruct (look_up _ _ T s) as [e'|] eqn:F; [|discriminate]. apply look_up_spec in F as [He' Hs'].
  destruct (real_step l n k Hl answer w first first_unused σ m x s a g Ha Hx S)
    as (m' & Ha' & HV & HL & HG & HF & HI).
  exists m', e'. split; [exact Ha'|]. split; [exact He'|]. split; [congruence|].
  split; [|now split]. apply enough_spec in HC. rewrite HL, HG. exact HC.
Qed.

Lemma upper_plays : exists c, forall σ, layered l n σ -> exists m e,
  after σ m /\ In e entries /\ at_state e = view m /\
  Q * cost played σ + N.to_nat (potential e) <= P * growths k (w ++ σ) + c.
Proof.
  pose proof upper_ready as HR. destruct (ready_spec HR) as (Hl & Hn & _ & _ & Hw).
  pose proof accepted as HC. unfold upper in HC. apply andb_prop in HC as [_ HC]. fold T in HC.
  destruct (look_up _ _ T first_state) as [e0|] eqn:F; [|discriminate]. apply look_up_spec in F as [He0 Hs0].
  exists (N.to_nat (potential e0)). induction σ as [|σ x IH] using snoc_ind; intros Hσ.
  - exists (begin l n k w first first_unused), e0. split; [now apply after_begin|]. split; [exact He0|].
    split; [now rewrite view_begin|]. change (cost played []) with 0. lia.
  - destruct IH as (m & e & Ha & He & Hs & HV); [now apply layered_prefix in Hσ|].
    destruct (upper_step σ m e x Ha He Hs Hσ) as (m' & e' & Ha' & He' & Hs' & HV' & _).
    exists m', e'. repeat (split; [assumption|]).
    rewrite cost_snoc, app_assoc, growths_snoc, !Nat.mul_add_distr_l.
    rewrite (played_run σ m), (played_run (σ ++ [x]) m'); [lia | apply Ha' | apply Ha].
Qed.

Lemma upper_fits σ x m : layered l n (σ ++ [x]) -> run (σ ++ [x]) = Some m ->
  fits k (cached l n m) /\ In x (cached l n m).
Proof.
  intros Hσ Hm. destruct upper_plays as [c H]. pose proof (layered_prefix _ _ _ _ Hσ) as Hσ'.
  destruct (H σ Hσ') as (m0 & e & Ha & He & Hs & _).
  destruct (upper_step σ m0 e x Ha He Hs Hσ) as (m' & _ & (_ & Hm' & _) & _ & _ & _ & HF & HI).
  assert (m' = m) by congruence. subst. now split.
Qed.

(** Every policy that follows the machine. *)
Theorem upper_sound A : follows A -> competitive l n k A P Q.
Proof.
  intros HA. destruct (ready_spec upper_ready) as (Hl & _ & Hk & _). destruct upper_plays as [c H].
  exists (c + P * growths k w + Q * k). intros σ m Hσ Hm. rewrite (opt_growths k Hk σ m Hm).
  destruct (H σ Hσ) as (m1 & e & (_ & Hr & _) & _ & _ & HV).
  destruct (follows_cost l n k Hl answer w first first_unused A σ m1 HA Hσ Hr) as [_ HC].
  assert (HL : length (A (firstn 1 σ)) <= k).
  { destruct σ as [|x σ]; [simpl; rewrite (proj1 HA); simpl; lia|]. simpl firstn.
    assert (Hx : layered l n ([] ++ [x])) by (apply (layered_prefix l n [x] σ); exact Hσ).
    destruct (H [x] Hx) as (m2 & _ & (_ & Hr2 & _) & _).
    destruct (upper_fits [] x m2 Hx Hr2) as [[_ HF] _].
    destruct (proj2 HA [x] m2 ltac:(discriminate) Hx Hr2) as [HN HS].
    rewrite (same_length _ _ HN (cached_set l n m2) HS). exact HF. }
  specialize (HC HL).
  assert (HG : growths k (w ++ σ) <= growths k w + growths k σ).
  { unfold growths. rewrite growths_from_app. pose proof (growths_warm k w σ Hk). unfold levels_of, growths in *. lia. }
  assert (HQ : Q * cost A σ <= Q * (cost played σ + k)) by now apply Nat.mul_le_mono_l.
  assert (HP : P * growths k (w ++ σ) <= P * (growths k w + growths k σ)) by now apply Nat.mul_le_mono_l.
  rewrite Nat.mul_add_distr_l in HQ, HP. lia.
Qed.

Theorem upper_legal : legal l n k policy_of.
Proof.
  split; [reflexivity|]. intros σ x Hσ. destruct upper_plays as [c H].
  destruct (H (σ ++ [x]) Hσ) as (m & _ & (_ & Hm & _) & _).
  rewrite (policy_of_run (σ ++ [x]) m); [now apply (upper_fits σ x m) | now destruct σ | exact Hm].
Qed.

End Upper.

(** ** From below *)

(** Positions played one after the other: the state at the end, loads and growths of OPT. *)
Fixpoint play (s : state) (js : list nat) : option (state * (nat * nat)) :=
  match js with
  | [] => Some (s, (0, 0))
  | j :: rest =>
      match step s j with
      | None => None
      | Some (s', (a, g)) =>
          match play s' rest with
          | None => None
          | Some (s'', (a', g')) => Some (s'', (a + a', g + g'))
          end
      end
  end.

(** Loads and growths of a cycle. The game begins with nothing requested. *)
Definition cycle_costs (prefix cycle : list nat) : option (nat * nat) :=
  match play first_state prefix with
  | None => None
  | Some (s, _) =>
      match play s cycle with
      | None => None
      | Some (s', costs) => if state_eq_dec s' s then Some costs else None
      end
  end.

Lemma real_play js : forall σ m s a g, ready = true -> after σ m -> play (view m) js = Some (s, (a, g)) ->
  exists σ' m', after σ' m' /\ view m' = s /\
    cost played σ' = cost played σ + a /\ growths k (w ++ σ') = growths k (w ++ σ) + g.
Proof.
  induction js as [|j rest IH]; intros σ m s a g HR Ha HP; simpl in HP.
  - injection HP as <- <- <-. exists σ, m. split; [exact Ha|]. split; [reflexivity | lia].
  - destruct (step (view m) j) as [[s1 [a1 g1]]|] eqn:S; [|discriminate].
    destruct (play s1 rest) as [[s2 [a2 g2]]|] eqn:R; [|discriminate]. injection HP as <- <- <-.
    destruct (ready_spec HR) as (Hl & _).
    destruct (page_at l n k Hl answer w first first_unused σ m j _ Ha S) as (x & Hx & Hj).
    rewrite <- Hj in S.
    destruct (real_step l n k Hl answer w first first_unused σ m x s1 a1 g1 Ha Hx S)
      as (m1 & Ha1 & HV & HL & HG & _).
    rewrite <- HV in R. destruct (IH (σ ++ [x]) m1 s2 a2 g2 HR Ha1 R) as (σ' & m' & Ha' & HV' & HC & HO).
    exists σ', m'. split; [exact Ha'|]. split; [exact HV'|].
    rewrite cost_snoc, (played_run σ m), (played_run (σ ++ [x]) m1), HL in HC; [|apply Ha1 | apply Ha].
    rewrite app_assoc, growths_snoc, HG in HO. split; lia.
Qed.

Lemma real_cycle prefix cycle a g : ready = true -> cycle_costs prefix cycle = Some (a, g) ->
  exists c o, forall N, exists σ m, after σ m /\
    cost played σ = c + N * a /\ growths k (w ++ σ) = o + N * g.
Proof.
  intros HR HC. destruct (ready_spec HR) as (Hl & Hn & _ & _ & Hw). unfold cycle_costs in HC.
  destruct (play first_state prefix) as [[s [a0 g0]]|] eqn:F; [|discriminate].
  destruct (play s cycle) as [[s' costs]|] eqn:G; [|discriminate].
  destruct (state_eq_dec s' s) as [->|]; [|discriminate]. injection HC as ->.
  rewrite <- view_begin in F by assumption.
  destruct (real_play prefix [] _ s a0 g0 HR (after_begin l n k Hl answer w first first_unused Hn Hw) F)
    as (σ0 & m0 & Ha0 & HV0 & _ & _).
  exists (cost played σ0), (growths k (w ++ σ0)).
  assert (H : forall N, exists σ m, after σ m /\ view m = s /\ cost played σ = cost played σ0 + N * a /\
    growths k (w ++ σ) = growths k (w ++ σ0) + N * g).
  { induction N as [|N (σ & m & Ha & HV & HC & HO)].
    - exists σ0, m0. split; [exact Ha0|]. split; [exact HV0 | lia].
    - rewrite <- HV in G. destruct (real_play cycle σ m _ a g HR Ha G) as (σ' & m' & Ha' & HV' & HC' & HO').
      exists σ', m'. split; [exact Ha'|]. split; [congruence|]. simpl. split; lia. }
  intros N. destruct (H N) as (σ & m & Ha & _ & HC & HO). now exists σ, m.
Qed.

Section Lower.

Variables prefix cycle : list nat.
Variables a g : nat.
Hypothesis is_ready : ready = true.
Hypothesis from_nothing : w = [].
Hypothesis costs : cycle_costs prefix cycle = Some (a, g).
Hypothesis pays : 1 <= a.
Variable A : policy.
Hypothesis A_follows : follows A.

Lemma lower_plays : exists c o, forall N, exists σ, layered l n σ /\
  c + N * a <= cost A σ /\ growths k σ = o + N * g.
Proof.
  destruct (ready_spec is_ready) as (Hl & _).
  destruct (real_cycle prefix cycle a g is_ready costs) as (c & o & H). exists c, o. intros N.
  destruct (H N) as (σ & m & (Hσ & Hm & _) & HC & HO). exists σ. split; [exact Hσ|].
  destruct (follows_cost l n k Hl answer w first first_unused A σ m A_follows Hσ Hm) as [HL _].
  rewrite from_nothing in HO. simpl in HO. split; [lia | exact HO].
Qed.

Theorem lower_sound P Q : P * g <= Q * a -> ratio_at_least l n k A P Q.
Proof.
  intros HPQ. destruct (ready_spec is_ready) as (_ & _ & Hk & _). destruct lower_plays as (c & o & H).
  apply (lower_bound l n k A Hk P Q (P * o)). intros N. destruct (H N) as (σ & Hσ & HC & HO).
  destruct (growths_is_opt k Hk σ) as [[D HD] _]. exists σ, D, (growths k σ).
  split; [exact Hσ|]. split; [exact HD|]. rewrite HO. split; [|nia].
  assert (H1 : Q * (c + N * a) <= Q * cost A σ) by now apply Nat.mul_le_mono_l.
  assert (H2 : N * (P * g) <= N * (Q * a)) by now apply Nat.mul_le_mono_l. nia.
Qed.

Theorem lower_infinite : g = 0 -> no_finite_ratio l n k A.
Proof.
  intros Hg. destruct (ready_spec is_ready) as (_ & _ & Hk & _). destruct lower_plays as (c & o & H).
  apply (no_ratio l n k A Hk o). intros N. destruct (H N) as (σ & Hσ & HC & HO).
  destruct (growths_is_opt k Hk σ) as [[D HD] _]. exists σ, D, (growths k σ).
  split; [exact Hσ|]. split; [exact HD|]. split; [rewrite HO, Hg; lia | nia].
Qed.

End Lower.

End Checkers.

(** ** The checkers, for games that begin with empty caches *)

Section Empty.

Variables l n k : nat.
Variable answer : state -> nat -> option (list (list nat)).
Variable first : list nat.

Definition empty_upper (p q d : N) (entries : list valued) : bool :=
  (1 <=? d)%N && upper l n k answer [] first (seq 1 k) (d * p) (d * q) entries.

Theorem empty_upper_sound p q d entries : empty_upper p q d entries = true ->
  forall A, follows l n k answer [] first (seq 1 k) A -> competitive l n k A (N.to_nat p) (N.to_nat q).
Proof.
  intros H A HA. apply andb_prop in H as [Hd H]. apply leb_to_nat in Hd.
  apply (competitive_scaled _ _ _ _ _ _ (N.to_nat d)); [exact Hd|].
  rewrite <- !N2Nat.inj_mul. exact (upper_sound _ _ _ _ _ _ _ _ _ _ H A HA).
Qed.

Theorem empty_upper_legal p q d entries : empty_upper p q d entries = true ->
  legal l n k (policy_of l n k answer [] first (seq 1 k)).
Proof. intros H. apply andb_prop in H as [_ H]. exact (upper_legal _ _ _ _ _ _ _ _ _ _ H). Qed.

Definition cycle_is (prefix cycle : list nat) (good : nat -> nat -> bool) : bool :=
  ready l n k [] &&
  match cycle_costs l n k answer [] first (seq 1 k) prefix cycle with
  | None => false
  | Some (a, g) => (1 <=? a) && good a g
  end.

Definition empty_lower (p q : N) (prefix cycle : list nat) : bool := cycle_is prefix cycle (gains p q 0 0).

Theorem empty_lower_sound p q prefix cycle : empty_lower p q prefix cycle = true ->
  forall A, follows l n k answer [] first (seq 1 k) A -> ratio_at_least l n k A (N.to_nat p) (N.to_nat q).
Proof.
  unfold empty_lower, cycle_is. intros H A HA. apply andb_prop in H as [HR H].
  destruct (cycle_costs _ _ _ _ _ _ _ _ _) as [[a g]|] eqn:E; [|discriminate].
  apply andb_prop in H as [Ha Hg]. apply Nat.leb_le in Ha. apply gains_spec in Hg.
  apply (lower_sound l n k answer [] first (seq 1 k) prefix cycle a g HR eq_refl E Ha A HA).
  simpl in Hg. lia.
Qed.

Definition empty_infinite (prefix cycle : list nat) : bool := cycle_is prefix cycle (fun _ g => g =? 0).

Theorem empty_infinite_sound prefix cycle : empty_infinite prefix cycle = true ->
  forall A, follows l n k answer [] first (seq 1 k) A -> no_finite_ratio l n k A.
Proof.
  unfold empty_infinite, cycle_is. intros H A HA. apply andb_prop in H as [HR H].
  destruct (cycle_costs _ _ _ _ _ _ _ _ _) as [[a g]|] eqn:E; [|discriminate].
  apply andb_prop in H as [Ha Hg]. apply Nat.leb_le in Ha. apply Nat.eqb_eq in Hg.
  exact (lower_infinite l n k answer [] first (seq 1 k) prefix cycle a g HR eq_refl E Ha A HA Hg).
Qed.

End Empty.
