(** * CheckRandomizedLower: a checker of certificates that every randomized policy has at least a ratio

    proofs/soundness.md, `randomized-lower` (Yao): the adversary draws each request from what it sees of the
    play, the levels and the order of the pages requested last, but not the cache. L1 in expectations, and L2
    with growth of OPT. Main theorem: [check_randomized_lower_sound]. *)

From Coq Require Import List Arith NArith QArith Lqa Lia Bool Permutation.
From LayeredPaging Require Import Model RandomModel Sets Expect Average Offset Lazy Labels Canonical Leave Table Warm Claims Machine.
Import ListNotations.
Open Scope nat_scope.

(** ** Labels: twice the place in the memory (1 the page requested last, 0 forgotten), plus 1 if cached *)

Definition recall (place : nat) (cached : bool) : nat := 2 * place + Nat.b2n cached.

Lemma recall_place place cached : Nat.div2 (recall place cached) = place.
Proof. unfold recall. rewrite Nat.div2_div, Nat.add_comm. apply Nat.add_b2n_double_div2. Qed.

Lemma recall_cached place cached : Nat.odd (recall place cached) = cached.
Proof. unfold recall. rewrite <- Nat.bit0_odd, Nat.add_comm. apply Nat.add_b2n_double_bit0. Qed.

(** What the adversary sees of a label. *)
Definition hide (b : label) : label := (fst b, recall (Nat.div2 (snd b)) false).

(** The page leaves the cache. *)
Definition out (b : label) : label := (fst b, pred (snd b)).

Definition share_of (shares : list (label * N)) (b : label) : N :=
  match find (fun e => same_label (fst e) b) shares with
  | Some e => snd e
  | None => 0
  end.

(** A state of the play, with the cache, and its potential. *)
Record moment := Moment { shown : list (list label); worth : N }.

(** What the adversary sees of a state; of labels of the layer whose turn it is, how likely *each page* with the
    label is, in proportion; and how many draws growth of OPT is away. *)
Record link := Link { seen : list (list label); shares : list (label * N); away : nat }.

Definition state_of (e : moment) : state := (shown e, []).
Definition link_at (c : link) : state := (seen c, []).

Definition share (c : link) (b : label) : N := share_of (shares c) b.

Definition sum (ns : list N) : N := fold_right N.add 0%N ns.

(** The least of numbers that must all be there. *)
Fixpoint least (vs : list (option N)) : option N :=
  match vs with
  | [] => None
  | [v] => v
  | v :: rest => match v, least rest with Some a, Some b => Some (N.min a b) | _, _ => None end
  end.

Fixpoint sum_up (pairs : list (option (N * N))) : option (N * N) :=
  match pairs with
  | [] => Some (0, 0)%N
  | Some (a, b) :: rest => match sum_up rest with Some (x, y) => Some (a + x, b + y)%N | None => None end
  | None :: _ => None
  end.

Lemma least_spec vs m : least vs = Some m -> forall v, In v vs -> exists a, v = Some a /\ (m <= a)%N.
Proof.
  revert m. induction vs as [|v vs IH]; intros m H u Hu; [easy|]. simpl in H. destruct vs as [|v' vs].
  - destruct Hu as [<-|[]]. subst v. exists m. split; [reflexivity | lia].
  - destruct v as [a|]; [|discriminate]. destruct (least (v' :: vs)) as [b|]; [|discriminate].
    injection H as <-. destruct Hu as [<-|Hu]; [exists a; split; [reflexivity | lia]|].
    destruct (IH b eq_refl u Hu) as (c & -> & Hc). exists c. split; [reflexivity | lia].
Qed.

Section Checker.

Variables l n k memory : nat.
Variables p q : N.

(** The place in the memory of another page, which now has [level], after a request of a page in place [a]. *)
Definition remember (a level b : nat) : nat :=
  let b' := if (1 <=? b) && ((a =? 0) || (b <? a)) then S b else b in
  if (b' <=? memory) && (level <=? k) then b' else 0.

(** Labels after a request of position [i], of label [b]; in [R] the pages that leave have left. *)
Definition after (cached : bool) (i : nat) (b : label) (R : list (list label)) : list (list label) :=
  let a := Nat.div2 (snd b) in
  let tokens := set_first i (recall (Nat.min 1 memory) cached)
    (each (fun c => recall (remember a (risen k (fst b) (fst c)) (Nat.div2 (snd c))) (Nat.odd (snd c))) R) in
  serve k i (fst b) tokens R.

(** What can become of the cache when a page of label [b] is requested: nothing, or a page leaves. *)
Definition answers_of (b : label) (R : list (list label)) : list (list (list label)) :=
  if Nat.odd (snd b) then [R] else leave (fun c => Nat.odd (snd c)) out R.

Definition growth (b : label) : nat := if k <? fst b then 1 else 0.
Definition miss (b : label) : nat := if Nat.odd (snd b) then 0 else 1.

(** What ALG pays at least, with the potential afterwards. *)
Definition best (T : table moment) (e : moment) (i : nat) (b : label) : option N :=
  least (map (fun R => match look_up moment state_of T (after true i b R, []) with
                       | Some e' => Some (q * N.of_nat (miss b) + worth e')%N
                       | None => None
                       end) (answers_of b (shown e))).

(** Both sides of L1, times the share of the page at position [i]. *)
Definition sides (T : table moment) (c : link) (e : moment) (i : nat) : option (N * N) :=
  match label_at (shown e) i with
  | None => None
  | Some b =>
      let s := share c (hide b) in
      if (s =? 0)%N then Some (0, 0)%N
      else match best T e i b with
           | Some m => Some (s * (worth e + p * N.of_nat (growth b)), s * m)%N
           | None => None
           end
  end.

Definition check_entry (T : table moment) (CT : table link) (e : moment) : bool :=
  match look_up link link_at CT (map (sort (fun b => b)) (each hide (shown e)), []) with
  | None => false
  | Some c => match sum_up (map (sides T c e) (seq 0 (length (hd [] (shown e))))) with
              | Some (need, have) => (need <=? have)%N
              | None => false
              end
  end.

(** A page that may be drawn, so that OPT grows, or growth is nearer than before. *)
Definition check_link (CT : table link) (c : link) : bool :=
  existsb (fun i =>
    match label_at (seen c) i with
    | None => false
    | Some b => (1 <=? share c b)%N &&
        ((k <? fst b) || match look_up link link_at CT (after false i b (seen c), []) with
                         | Some c' => away c' <? away c
                         | None => false
                         end)
    end) (seq 0 (length (hd [] (seen c)))).

Definition check (chain : list link) (entries : list moment) : bool :=
  let T := tabulate moment state_of entries in
  let CT := tabulate link link_at chain in
  warm_ok l n k && forallb (check_link CT) chain &&
  match look_up moment state_of T (first_place l n k, []) with
  | None => false
  | Some _ => forallb (check_entry T CT) entries
  end.

(** ** Soundness *)

Section Sound.

Variable chain : list link.
Variable entries : list moment.
Hypothesis accepted : check chain entries = true.

Let w := warm l n k.
Let X := full l n k.
Let T := tabulate moment state_of entries.
Let CT := tabulate link link_at chain.

Lemma accepted_warm : 1 <= l /\ 1 <= n /\ 1 <= k /\ layered l n w /\
  length w mod l = 0 /\ NoDup X /\ length X = k /\ forall x, In x X -> x < l * n.
Proof.
  apply warm_ok_spec. unfold check in accepted. apply andb_prop in accepted as [H _].
  now apply andb_prop in H as [H _].
Qed.

Lemma accepted_entry e : In e entries -> check_entry T CT e = true.
Proof.
  intros He. unfold check in accepted. apply andb_prop in accepted as [_ H]. fold T CT in H.
  destruct (look_up _ _ _ _); [|discriminate]. rewrite forallb_forall in H. now apply H.
Qed.

Lemma accepted_link c : In c chain -> check_link CT c = true.
Proof.
  intros Hc. unfold check in accepted. apply andb_prop in accepted as [H _]. apply andb_prop in H as [_ H].
  fold CT in H. rewrite forallb_forall in H. now apply H.
Qed.

(** *** The memory of the real play *)

Fixpoint places_from (L : levels) (m : page -> nat) (σ : list page) : page -> nat :=
  match σ with
  | [] => m
  | x :: rest => places_from (request k L x)
      (fun y => if y =? x then Nat.min 1 memory else remember (m x) (request k L x y) (m y)) rest
  end.

Definition places (σ : list page) : page -> nat := places_from (levels_of k w) (fun _ => 0) σ.

Lemma places_from_snoc σ x : forall L m y, places_from L m (σ ++ [x]) y =
  if y =? x then Nat.min 1 memory
  else remember (places_from L m σ x) (request k (fold_left (request k) σ L) x y) (places_from L m σ y).
Proof. induction σ as [|z σ IH]; intros L m y; simpl; [reflexivity | apply IH]. Qed.

Lemma places_snoc σ x y : places (σ ++ [x]) y =
  if y =? x then Nat.min 1 memory else remember (places σ x) (levels_of k (w ++ σ ++ [x]) y) (places σ y).
Proof.
  unfold places. rewrite places_from_snoc. destruct (y =? x); [reflexivity|]. f_equal.
  rewrite app_assoc, levels_snoc. unfold levels_of at 2. now rewrite fold_left_app.
Qed.

Definition lab (σ : list page) (held : page -> bool) (x : page) : label :=
  (levels_of k (w ++ σ) x, recall (places σ x) (held x)).

Notation nothing := (fun _ : page => false).

Lemma hide_lab σ held x : hide (lab σ held x) = lab σ nothing x.
Proof. unfold hide, lab. simpl. now rewrite recall_place. Qed.

(** A request, on labels and on pages. *)
Lemma after_view σ held held' x row rest i cached :
  arranged l n (length (w ++ σ)) (row :: rest) -> nth_error row i = Some x ->
  held' x = cached -> (forall y, y <> x -> held' y = held y) -> forall b, fst b = levels_of k (w ++ σ) x ->
  Nat.div2 (snd b) = places σ x ->
  exists P, arranged l n (length (w ++ σ ++ [x])) P /\
    each (lab (σ ++ [x]) held') P = after cached i b (each (lab σ held) (row :: rest)).
Proof.
  intros HA Hi Hx Hy b Hb1 Hb2.
  destruct (served l n k (proj1 accepted_warm) (lab σ held) (lab (σ ++ [x]) held') (levels_of k (w ++ σ))
    _ row rest i x HA Hi) as [H1 H2].
  - reflexivity.
  - intros y. unfold lab. simpl. now rewrite app_assoc, levels_snoc.
  - exists (settle (lab (σ ++ [x]) held') (row :: rest)).
    rewrite (app_assoc w σ [x]), app_length, Nat.add_1_r.
    split; [exact H1|]. rewrite H2. unfold after. rewrite Hb1, Hb2. f_equal.
    rewrite each_each. rewrite (set_first_each _ (fun y => recall (remember (places σ x)
      (risen k (levels_of k (w ++ σ) x) (fst (lab σ held y))) (Nat.div2 (snd (lab σ held y)))) (Nat.odd (snd (lab σ held y))))
      row rest i x (proj1 (proj2 HA)) Hi).
    + f_equal. unfold lab. simpl. rewrite places_snoc, Nat.eqb_refl. now rewrite Hx.
    + intros y Hne. unfold lab. simpl. rewrite recall_place, recall_cached, places_snoc.
      pose proof Hne as Hne'. apply Nat.eqb_neq in Hne'. rewrite Hne', (Hy y Hne). do 2 f_equal.
      rewrite app_assoc, levels_snoc. unfold request, risen. now rewrite Hne'.
Qed.

(** *** Draws *)

Definition sight (σ : list page) : list (list label) :=
  map (sort (fun b => b)) (each (lab σ nothing) (rows_at l n (length (w ++ σ)))).

Definition turns (σ : list page) : list page := hd [] (rows_at l n (length (w ++ σ))).

Definition weight (c : link) (σ : list page) (x : page) : nat := N.to_nat (share c (lab σ nothing x)).

Definition all_weights (c : link) (σ : list page) : nat := list_sum (map (weight c σ) (turns σ)).

Definition draw (σ : list page) : distribution page :=
  match look_up link link_at CT (sight σ, []) with
  | None => []
  | Some c => map (fun x => (x, rational (weight c σ x) * / rational (all_weights c σ))%Q)
                (filter (fun x => 1 <=? weight c σ x) (turns σ))
  end.

(** After [w] and [σ], with the full cache [D] at hand, the play is in the state of [e]. *)
Definition meets (σ : list page) (D : cache) (e : moment) : Prop :=
  layered l n (w ++ σ) /\ In e entries /\ NoDup D /\ length D = k /\ (forall x, In x D -> x < l * n) /\
  exists P, arranged l n (length (w ++ σ)) P /\ each (lab σ (fun x => mem x D)) P = shown e.

Definition home (σ : list page) : Prop := exists D e, meets σ D e.

Lemma meets_sight σ D e : meets σ D e -> map (sort (fun b => b)) (each hide (shown e)) = sight σ.
Proof.
  intros (_ & _ & _ & _ & _ & P & HA & <-). destruct accepted_warm as (Hl & Hn & _).
  rewrite each_each, (each_ext_in _ (lab σ nothing) P) by (intros; apply hide_lab).
  apply (canonical l n (lab σ nothing) _ _ _ HA). now apply arranged_rows_at.
Qed.

(** The state of the adversary. *)
Lemma meets_link σ D e : meets σ D e -> exists c, look_up link link_at CT (sight σ, []) = Some c /\
  In c chain /\ seen c = sight σ.
Proof.
  intros Hm. pose proof Hm as (_ & He & _). pose proof (accepted_entry e He) as H. unfold check_entry in H.
  rewrite (meets_sight σ D e Hm) in H. destruct (look_up _ _ _ _) as [c|] eqn:E; [|discriminate].
  exists c. split; [reflexivity|]. apply look_up_spec in E as [HI HS]. split; [exact HI|]. now injection HS.
Qed.

Lemma turns_spec σ x : In x (turns σ) <-> x < l * n /\ layer n x = length (w ++ σ) mod l.
Proof.
  destruct accepted_warm as (Hl & Hn & _). unfold turns.
  destruct (arranged_row l n Hl _ _ (arranged_rows_at l n Hl (length (w ++ σ)) Hn)) as (row & rest & E & H).
  now rewrite E.
Qed.

(** A page that is drawn plays at some position. Some answer has an moment. *)
Lemma meets_next σ D e x C c : meets σ D e -> look_up link link_at CT (sight σ, []) = Some c ->
  In x (turns σ) -> 1 <= weight c σ x -> fits k C -> In x C ->
  forall i row rest, arranged l n (length (w ++ σ)) (row :: rest) -> each (lab σ (fun y => mem y D)) (row :: rest) = shown e ->
  nth_error row i = Some x -> forall m, best T e i (lab σ (fun y => mem y D) x) = Some m ->
  let D' := lazy_next k D x C in
  exists e', meets (σ ++ [x]) D' e' /\ N.to_nat m <= N.to_nat q * loads D D' + N.to_nat (worth e').
Proof.
  intros Hm Hc Hx Hs HF HC i row rest HA HE Hi m HB. cbv zeta.
  destruct accepted_warm as (Hl & Hn & Hk & Hw & _ & _ & _ & Hp).
  pose proof Hm as (Hσ & He & HN & HL & HD & _).
  destruct (lazy_next_full k D x C HN HL HF HC) as [HL' HM].
  destruct (lazy_next_spec k D x C (conj HN (Nat.eq_le_incl _ _ HL)) HF HC) as (_ & HF' & Hx' & _).
  set (D' := lazy_next k D x C) in *. set (b := lab σ (fun y => mem y D) x) in *.
  assert (Hσx : layered l n (w ++ σ ++ [x])).
  { rewrite app_assoc. apply turns_spec in Hx as [H1 H2]. now apply layered_snoc. }
  assert (HO : exists D0, In (each (lab σ (fun y => mem y D0)) (row :: rest)) (answers_of b (shown e)) /\
    (forall y, y <> x -> mem y D' = mem y D0) /\ miss b <= loads D D' /\ forall y, In y D' -> y < l * n).
  { unfold answers_of, miss, b, lab. simpl snd. rewrite recall_cached. destruct HM as [[Hh ->]|(Hh & v & Hv & HV)].
    - exists D. pose proof Hh as Hh'. apply mem_In in Hh'. rewrite Hh'. split; [now left|]. split; [reflexivity|].
      split; [lia | exact HD].
    - exists (evict v D). pose proof Hh as Hh'. apply mem_not_In in Hh'. rewrite Hh'.
      assert (HN' : NoDup D') by apply HF'. split; [|split; [|split]].
      + rewrite <- HE.
        pose proof (leave_In label (fun c => Nat.odd (snd c)) out (lab σ (fun y => mem y D)) v) as H.
        specialize (H ltac:(unfold lab; simpl snd; rewrite recall_cached; now apply mem_In)).
        specialize (H (row :: rest) (proj1 (proj2 HA)) (proj2 (arranged_In l n Hl _ _ v HA) (HD v Hv))).
        erewrite each_ext_in; [exact H|]. intros y _. unfold left_by.
        destruct (Nat.eqb_spec y v) as [->|Hne].
        * unfold out, lab. simpl. assert (E : mem v (evict v D) = false) by (apply mem_not_In; rewrite In_evict; tauto).
          apply mem_In in Hv. rewrite E, Hv. unfold recall. simpl. f_equal. lia.
        * unfold lab. do 2 f_equal. destruct (mem y D) eqn:M.
          -- apply mem_In. apply In_evict. split; [now apply mem_In | exact Hne].
          -- apply mem_not_In. rewrite In_evict. apply mem_not_In in M. tauto.
      + intros y Hy. rewrite HV. simpl. apply Nat.eqb_neq in Hy. now rewrite Hy.
      + now apply (loads_miss _ _ x).
      + rewrite HV. intros y [<-|Hy]; [now apply turns_spec in Hx | apply In_evict in Hy; now apply HD]. }
  destruct HO as (D0 & HO & Hoth & Hmiss & HD'). unfold best in HB.
  destruct (least_spec _ _ HB _ (in_map _ _ _ HO)) as (a & Ha & Hma).
  destruct (look_up moment state_of T _) as [e'|] eqn:F; [|discriminate]. injection Ha as <-.
  apply look_up_spec in F as [He' F]. unfold state_of in F. apply (f_equal fst) in F. simpl fst in F.
  destruct (after_view σ (fun y => mem y D0) (fun y => mem y D') x row rest i true HA Hi
    (proj2 (mem_In x D') Hx') Hoth b eq_refl) as (P' & HA' & HP').
  { unfold b, lab. simpl. apply recall_place. }
  exists e'. split.
  - split; [exact Hσx|]. split; [exact He'|]. split; [apply HF'|]. split; [exact HL'|]. split; [exact HD'|].
    exists P'. split; [exact HA' | rewrite HP'; symmetry; exact F].
  - assert (N.to_nat m <= N.to_nat q * miss b + N.to_nat (worth e')) by lia.
    assert (N.to_nat q * miss b <= N.to_nat q * loads D D') by now apply Nat.mul_le_mono_l. lia.
Qed.

Lemma after_sorted cached i b R : map (sort (fun c => c)) (after cached i b R) = after cached i b R.
Proof.
  unfold after, serve, settle. rewrite map_map. apply map_ext. intros r. apply sort_canonical, sort_Permutation.
Qed.

(** L2: a page that may be drawn and leads nearer to growth. *)
Lemma link_way σ D e c : meets σ D e -> look_up link link_at CT (sight σ, []) = Some c ->
  exists x, In x (turns σ) /\ 1 <= weight c σ x /\
    (k < levels_of k (w ++ σ) x \/ exists c', look_up link link_at CT (sight (σ ++ [x]), []) = Some c' /\ away c' < away c).
Proof.
  intros Hm Hc. pose proof Hm as (Hσ & _). destruct accepted_warm as (Hl & Hn & _).
  apply look_up_spec in Hc as [Hc HS]. apply (f_equal fst) in HS. simpl in HS.
  pose proof (accepted_link c Hc) as H. unfold check_link in H. apply existsb_exists in H as (i & _ & H).
  destruct (label_at (seen c) i) as [b|] eqn:HB; [|discriminate]. apply andb_prop in H as [Hs H].
  assert (HA : arranged l n (length (w ++ σ)) (map (sort (lab σ nothing)) (rows_at l n (length (w ++ σ))))).
  { apply arranged_sort. now apply arranged_rows_at. }
  assert (HE : seen c = each (lab σ nothing) (map (sort (lab σ nothing)) (rows_at l n (length (w ++ σ))))).
  { rewrite each_sort. exact HS. }
  rewrite HE in HB. apply label_at_page in HB as (x & row & rest & E & Hi & HB). rewrite E in HA, HE.
  assert (Hx : In x (turns σ)).
  { apply turns_spec. destruct (arranged_row l n Hl _ _ HA) as (row' & rest' & E' & HR). injection E' as <- <-.
    apply HR. now apply nth_error_In in Hi. }
  exists x. split; [exact Hx|]. split.
  { unfold weight. rewrite HB. apply leb_to_nat in Hs. exact Hs. }
  apply orb_prop in H as [H|H]; [left; apply Nat.ltb_lt in H; now subst b|]. right.
  destruct (look_up link link_at CT _) as [c'|] eqn:F in H; [|discriminate]. apply Nat.ltb_lt in H.
  exists c'. split; [|exact H]. rewrite <- F. do 2 f_equal.
  destruct (after_view σ nothing nothing x row rest i false HA Hi eq_refl (fun _ _ => eq_refl) b) as (P' & HA' & HP').
  { now subst b. }
  { subst b. unfold lab. simpl. apply recall_place. }
  rewrite HE, <- after_sorted, <- HP'. unfold sight. apply (canonical l n _ (length (w ++ σ ++ [x]))); [|exact HA'].
  now apply arranged_rows_at.
Qed.

Open Scope Q_scope.

Lemma total_filter {A} (g : A -> bool) (f : A -> Q) b :
  (forall a, g a = false -> f a == 0) -> total f (filter g b) == total f b.
Proof.
  intros H. induction b as [|a b IH]; simpl; [reflexivity|]. destruct (g a) eqn:G; simpl; rewrite IH; [reflexivity|].
  rewrite (H a G). ring.
Qed.

Lemma draw_expect σ c f : look_up link link_at CT (sight σ, []) = Some c ->
  expect (draw σ) f == / rational (all_weights c σ) * total (fun x => rational (weight c σ x) * f x) (turns σ).
Proof.
  intros H. unfold draw. rewrite H, expect_total, total_map, <- total_scale. rewrite total_filter.
  - apply total_ext. intros x _. simpl. ring.
  - intros x Hx. apply Nat.leb_gt in Hx. simpl fst. simpl snd. replace (weight c σ x) with 0%nat by lia.
    change (rational 0) with 0. ring.
Qed.

Lemma all_weights_total c σ : rational (all_weights c σ) == total (fun x => rational (weight c σ x)) (turns σ).
Proof.
  unfold all_weights. induction (turns σ) as [|x b IH]; simpl; [reflexivity|]. now rewrite rational_plus, IH.
Qed.

Lemma weight_le c σ x : In x (turns σ) -> (weight c σ x <= all_weights c σ)%nat.
Proof.
  unfold all_weights. induction (turns σ) as [|y b IH]; simpl; [easy|]. intros [->|H]; [lia|]. specialize (IH H). lia.
Qed.

Lemma weights_pos σ D e c : meets σ D e -> look_up link link_at CT (sight σ, []) = Some c ->
  0 < / rational (all_weights c σ) /\ / rational (all_weights c σ) * rational (all_weights c σ) == 1.
Proof.
  intros Hm Hc. destruct (link_way σ D e c Hm Hc) as (x & Hx & Hs & _). pose proof (weight_le c σ x Hx).
  assert (H1 : 1 <= rational (all_weights c σ)) by (apply rational_one; lia).
  split; [apply Qinv_lt_0_compat; lra | field; lra].
Qed.

Lemma home_proper σ : home σ -> proper (draw σ).
Proof.
  intros (D & e & Hm). destruct (meets_link σ D e Hm) as (c & Hc & _).
  destruct (weights_pos σ D e c Hm Hc) as [H1 H2]. split.
  - intros a Ha. unfold draw in Ha. rewrite Hc in Ha. apply in_map_iff in Ha as (x & <- & _). simpl.
    apply Qmult_le_0_compat; [apply rational_pos | lra].
  - rewrite (draw_expect σ c _ Hc), (total_ext _ (fun x => rational (weight c σ x))) by (intros; ring).
    now rewrite <- all_weights_total.
Qed.

Lemma drawn σ c x : look_up link link_at CT (sight σ, []) = Some c -> In x (map fst (draw σ)) ->
  In x (turns σ) /\ (1 <= weight c σ x)%nat.
Proof.
  intros Hc Hx. unfold draw in Hx. rewrite Hc in Hx. apply in_map_iff in Hx as (a & <- & Hx).
  apply in_map_iff in Hx as (y & <- & Hx). apply filter_In in Hx as [H1 H2]. apply Nat.leb_le in H2. now split.
Qed.

Definition side1 (o : option (N * N)) : Q := match o with Some (a, _) => rational (N.to_nat a) | None => 0 end.
Definition side2 (o : option (N * N)) : Q := match o with Some (_, b) => rational (N.to_nat b) | None => 0 end.

Lemma sum_up_spec os a b : sum_up os = Some (a, b) ->
  rational (N.to_nat a) == total side1 os /\ rational (N.to_nat b) == total side2 os /\ ~ In None os.
Proof.
  revert a b. induction os as [|[[x y]|] os IH]; intros a b H; simpl in H; [|destruct (sum_up os) as [[u v]|]|discriminate].
  - injection H as <- <-. split; [reflexivity|]. split; [reflexivity | easy].
  - injection H as <- <-. destruct (IH u v eq_refl) as (H1 & H2 & H3).
    rewrite !N2Nat.inj_add, !rational_plus, H1, H2. split; [reflexivity|]. split; [reflexivity|].
    intros [F|F]; [discriminate | contradiction].
  - discriminate.
Qed.

Lemma row_by_positions (row : list page) : map (fun i => nth i row 0%nat) (seq 0 (length row)) = row.
Proof.
  induction row as [|x row IH]; [reflexivity|]. simpl. f_equal. rewrite <- seq_shift, map_map. exact IH.
Qed.

(** L1, on real pages. *)
Lemma mean_value σ D e c F : meets σ D e -> look_up link link_at CT (sight σ, []) = Some c ->
  (forall x i row rest, In x (turns σ) -> (1 <= weight c σ x)%nat ->
    arranged l n (length (w ++ σ)) (row :: rest) -> each (lab σ (fun y => mem y D)) (row :: rest) = shown e ->
    nth_error row i = Some x -> forall m, best T e i (lab σ (fun y => mem y D) x) = Some m -> rational (N.to_nat m) <= F x) ->
  rational (N.to_nat (worth e)) +
    rational (N.to_nat p) * expect (draw σ) (fun x => rational (if k <? levels_of k (w ++ σ) x then 1 else 0)) <= expect (draw σ) F.
Proof.
  intros Hm Hc HF. pose proof Hm as (_ & He & _ & _ & _ & P & HA & HE). destruct accepted_warm as (Hl & Hn & _).
  pose proof (accepted_entry e He) as H. unfold check_entry in H. rewrite (meets_sight σ D e Hm), Hc in H.
  destruct (arranged_row l n Hl _ _ HA) as (row & rest & -> & HR).
  destruct (sum_up _) as [[a b]|] eqn:E; [|discriminate]. apply leb_to_nat, rational_le in H.
  apply sum_up_spec in E as (E1 & E2 & E3). rewrite E1, E2, !total_map in H.
  assert (Hlen : length (hd [] (shown e)) = length row) by (rewrite <- HE; simpl; apply map_length).
  rewrite Hlen in H, E3.
  destruct (weights_pos σ D e c Hm Hc) as [W1 W2]. rewrite !(draw_expect σ c _ Hc).
  set (g := fun x => rational (if k <? levels_of k (w ++ σ) x then 1 else 0)). set (iW := / rational (all_weights c σ)) in *.
  assert (HP : Permutation row (turns σ)).
  { apply NoDup_Permutation.
    - destruct HA as (_ & HA & _). simpl in HA. now apply NoDup_app_parts in HA.
    - pose proof (arranged_rows_at l n Hl (length (w ++ σ)) Hn) as HA'.
      destruct (arranged_row l n Hl _ _ HA') as (row' & rest' & E & _). unfold turns. rewrite E in *. simpl.
      destruct HA' as (_ & HA' & _). simpl in HA'. now apply NoDup_app_parts in HA'.
    - intros x. now rewrite HR, turns_spec. }
  assert (HL : forall i, In i (seq 0 (length row)) ->
    side1 (sides T c e i) == rational (weight c σ (nth i row 0%nat)) *
      (rational (N.to_nat (worth e)) + rational (N.to_nat p) * g (nth i row 0%nat)) /\
    side2 (sides T c e i) <= rational (weight c σ (nth i row 0%nat)) * F (nth i row 0%nat)).
  { intros i Hi. assert (HN : sides T c e i <> None).
    { intros HN. apply E3. rewrite <- HN. now apply in_map. }
    apply in_seq in Hi. assert (Hx : nth_error row i = Some (nth i row 0%nat)) by (apply nth_error_nth'; lia).
    set (x := nth i row 0%nat) in *. unfold sides in *.
    assert (HB : label_at (shown e) i = Some (lab σ (fun y => mem y D) x)).
    { rewrite <- HE. simpl. now rewrite nth_error_map, Hx. }
    rewrite HB in *. rewrite hide_lab in *. fold (weight c σ x) in *.
    assert (HW : weight c σ x = N.to_nat (share c (lab σ nothing x))) by reflexivity.
    destruct (N.eqb_spec (share c (lab σ nothing x)) 0) as [Z|Z].
    - rewrite HW, Z. simpl. change (rational 0) with 0. split; [ring | lra].
    - destruct (best T e i _) as [m|] eqn:B; [|easy]. simpl side1. simpl side2.
      rewrite !N2Nat.inj_mul, N2Nat.inj_add, N2Nat.inj_mul, Nat2N.id, !rational_mult, rational_plus, rational_mult, <- HW.
      split; [reflexivity|]. rewrite !(Qmult_comm (rational (weight c σ x))). apply Qmult_le_compat_r; [|apply rational_pos].
      apply (HF x i row rest); auto; [|lia]. apply (Permutation_in _ HP). now apply nth_error_In in Hx. }
  assert (H' : total (fun x => rational (weight c σ x) * (rational (N.to_nat (worth e)) + rational (N.to_nat p) * g x)) (turns σ)
    <= total (fun x => rational (weight c σ x) * F x) (turns σ)).
  { rewrite <- !(total_Permutation _ _ _ HP). rewrite <- (row_by_positions row), !total_map.
    apply Qle_trans with (total (fun i => side2 (sides T c e i)) (seq 0 (length row))).
    - rewrite <- (total_ext (fun i => side1 (sides T c e i))); [exact H | intros i Hi; now apply HL].
    - apply total_le. intros i Hi. now apply HL. }
  rewrite (total_ext _ (fun x => rational (N.to_nat (worth e)) * rational (weight c σ x) +
    rational (N.to_nat p) * (rational (weight c σ x) * g x))) in H' by (intros; ring).
  rewrite total_plus, !total_scale, <- all_weights_total in H'. fold g.
  apply (Qmult_le_compat_r _ _ iW) in H'; [|lra].
  set (t1 := total _ (turns σ)) in *. set (t2 := total (fun x => _ * F x) (turns σ)) in *.
  set (V := rational (N.to_nat (worth e))) in *. set (W := rational (all_weights c σ)) in *.
  assert (EV : V * W * iW == V) by (rewrite <- Qmult_assoc, (Qmult_comm W), W2; ring). lra.
Qed.

Variable R : random_policy.
Hypothesis R_legal : random_legal l n k R.

Lemma page_layered σ D e x : meets σ D e -> In x (turns σ) -> layered l n (w ++ σ ++ [x]).
Proof.
  intros (Hσ & _) Hx. rewrite app_assoc. apply turns_spec in Hx as [H1 H2]. now apply layered_snoc.
Qed.

(** Some answer leads on. *)
Lemma meets_some σ D e c x C : meets σ D e -> look_up link link_at CT (sight σ, []) = Some c ->
  In x (turns σ) -> (1 <= weight c σ x)%nat -> fits k C -> In x C -> exists e', meets (σ ++ [x]) (lazy_next k D x C) e'.
Proof.
  intros Hm Hc Hx Hs HF HC. pose proof Hm as (_ & He & _ & _ & _ & P & HA & HE). destruct accepted_warm as (Hl & _).
  destruct (arranged_row l n Hl _ _ HA) as (row & rest & -> & HR).
  assert (Hi : exists i, nth_error row i = Some x) by (apply In_nth_error, HR; now apply turns_spec).
  destruct Hi as [i Hi].
  assert (HB : exists m, best T e i (lab σ (fun y => mem y D) x) = Some m).
  { pose proof (accepted_entry e He) as H. unfold check_entry in H. rewrite (meets_sight σ D e Hm), Hc in H.
    destruct (sum_up _) as [[a b]|] eqn:E; [|discriminate]. apply sum_up_spec in E as (_ & _ & E).
    assert (HN : sides T c e i <> None).
    { intros HN. apply E. rewrite <- HN. apply in_map. apply in_seq. rewrite <- HE. simpl. rewrite map_length.
      assert (nth_error row i <> None) by congruence. apply nth_error_Some in H0. lia. }
    unfold sides in HN. assert (HL : label_at (shown e) i = Some (lab σ (fun y => mem y D) x)).
    { rewrite <- HE. simpl. now rewrite nth_error_map, Hi. }
    rewrite HL, hide_lab in HN. unfold weight in Hs. destruct (N.eqb_spec (share c (lab σ nothing x)) 0) as [Z|Z].
    - rewrite Z in Hs. simpl in Hs. lia.
    - destruct (best T e i _) as [m|]; [now exists m | easy]. }
  destruct HB as [m HB].
  destruct (meets_next σ D e x C c Hm Hc Hx Hs HF HC i row rest HA HE Hi m HB) as (e' & Hm' & _). now exists e'.
Qed.

Lemma home_next σ x : home σ -> In x (map fst (draw σ)) -> home (σ ++ [x]).
Proof.
  intros (D & e & Hm) Hx. destruct (meets_link σ D e Hm) as (c & Hc & _). destruct (drawn σ c x Hc Hx) as [H1 H2].
  destruct accepted_warm as (_ & _ & Hk & _).
  destruct (meets_some σ D e c x [x] Hm Hc H1 H2) as (e' & He'); [|now left | now exists (lazy_next k D x [x]), e'].
  split; [constructor; [easy | constructor] | simpl; lia].
Qed.

Notation P' := (rational (N.to_nat p)).
Notation Q' := (rational (N.to_nat q)).

Variable M : nat.
Hypothesis values_most : forall e, In e entries -> (N.to_nat (worth e) <= M)%nat.

Notation more L τ := (rational (growths_from k L τ)).

Lemma keeps N : forall σ D e held, meets σ D e ->
  rational (N.to_nat (worth e)) + P' * average draw N σ (fun τ => more (levels_of k (w ++ σ)) τ)
    <= Q' * average draw N σ (expected_after R (w ++ σ) held) + Q' * rational (loads D (hd [] held)) + rational M.
Proof.
  induction N as [|N IH]; intros σ D e held Hm; pose proof Hm as (_ & He & _).
  { simpl. change (rational 0) with 0. pose proof (rational_le _ _ (values_most e He)).
    assert (0 <= Q' * rational (loads D (hd [] held))) by (apply Qmult_le_0_compat; apply rational_pos). lra. }
  destruct (meets_link σ D e Hm) as (c & Hc & _).
  set (g := fun x => rational (if k <? levels_of k (w ++ σ) x then 1 else 0)).
  set (G := fun x => average draw N (σ ++ [x]) (fun τ => more (levels_of k (w ++ σ ++ [x])) τ)).
  set (J := fun x => expect (R (w ++ σ ++ [x]) held) (fun C => rational (loads (hd [] held) C) +
    average draw N (σ ++ [x]) (expected_after R (w ++ σ ++ [x]) (C :: held)))).
  assert (EG : average draw (S N) σ (fun τ => more (levels_of k (w ++ σ)) τ) == expect (draw σ) (fun x => g x + G x)).
  { simpl. apply expect_ext. intros x Hx. unfold g, G.
    rewrite <- (average_shift draw home home_proper home_next) by (apply home_next; [now exists D, e | exact Hx]).
    apply average_ext. intros τ. rewrite rational_plus, app_assoc, levels_snoc. reflexivity. }
  assert (EJ : average draw (S N) σ (expected_after R (w ++ σ) held) == expect (draw σ) J).
  { simpl. apply expect_ext. intros x Hx. unfold J. rewrite average_expect, <- app_assoc. apply expect_ext. intros C _.
    rewrite <- (average_shift draw home home_proper home_next) by (apply home_next; [now exists D, e | exact Hx]).
    reflexivity. }
  rewrite EG, EJ, expect_plus.
  set (K := Q' * rational (loads D (hd [] held)) + rational M).
  pose proof (mean_value σ D e c (fun x => Q' * J x + (K + - P' * G x)) Hm Hc) as H. fold g in H.
  rewrite !expect_plus, !expect_scale in H. rewrite expect_const in H by (apply home_proper; now exists D, e).
  assert (H' : forall x i row rest, In x (turns σ) -> (1 <= weight c σ x)%nat ->
    arranged l n (length (w ++ σ)) (row :: rest) -> each (lab σ (fun y => mem y D)) (row :: rest) = shown e ->
    nth_error row i = Some x -> forall m, best T e i (lab σ (fun y => mem y D) x) = Some m ->
    rational (N.to_nat m) <= Q' * J x + (K + - P' * G x)); [|specialize (H H'); unfold K in *; lra].
  clear H EG EJ. intros x i row rest Hx Hs HA HE Hi m HB.
  pose proof (page_layered σ D e x Hm Hx) as Hσx. rewrite app_assoc in Hσx.
  destruct (R_legal (w ++ σ) x held Hσx) as [HP HL]. rewrite <- app_assoc in HP, HL.
  assert (HJ : rational (N.to_nat m) - (K + - P' * G x) <= Q' * J x); [|lra].
  unfold J. rewrite <- expect_scale. apply (expect_least _ _ _ HP). intros C HC. destruct (HL C HC) as [HF Hin].
  destruct (meets_next σ D e x C c Hm Hc Hx Hs HF Hin i row rest HA HE Hi m HB) as (e' & Hm' & Hv).
  specialize (IH (σ ++ [x]) _ e' (C :: held) Hm'). fold (G x) in IH. simpl hd in IH.
  pose proof Hm as (_ & _ & HN & HLen & _).
  destruct (lazy_next_spec k D x C (conj HN (Nat.eq_le_incl _ _ HLen)) HF Hin) as (_ & _ & _ & HZ).
  pose proof (loads_triangle D (hd [] held) C (proj1 HF)) as HT.
  set (D' := lazy_next k D x C) in *. set (C0 := hd [] held) in *.
  apply rational_le in Hv. rewrite rational_plus, rational_mult in Hv.
  assert (HZ' : rational (loads D D') + rational (loads D' C) <= rational (loads D C0) + rational (loads C0 C)).
  { rewrite <- !rational_plus. apply rational_le. lia. }
  apply (Qmult_le_compat_r _ _ Q') in HZ'; [|apply rational_pos]. unfold K. lra.
Qed.

(** From the start, through the requests [w]. *)
Lemma keeps_from_start N e : meets [] X e -> forall u past held, past ++ u = w -> (length (hd [] held) <= k)%nat ->
  P' * average draw N [] (fun τ => more (levels_of k w) τ)
    <= Q' * average draw N [] (fun τ => expected_after R past held (u ++ τ)) + Q' * rational k + rational M.
Proof.
  intros Hm. induction u as [|x u IH]; intros past held Hw Hk.
  - rewrite app_nil_r in Hw. subst past. pose proof (keeps N [] X e held Hm) as H. rewrite app_nil_r in H.
    change (fun τ => expected_after R w held ([] ++ τ)) with (expected_after R w held).
    assert (HX : (loads X (hd [] held) <= k)%nat) by (rewrite loads_count; pose proof (count_le_length (fun y => negb (mem y X)) (hd [] held)); lia).
    apply rational_le, (Qmult_le_compat_r _ _ Q') in HX; [|apply rational_pos].
    pose proof (rational_pos (N.to_nat (worth e))). lra.
  - assert (Hx : layered l n (past ++ [x])).
    { destruct accepted_warm as (_ & _ & _ & HL & _). rewrite <- Hw in HL. apply (layered_prefix l n _ u).
      now rewrite <- app_assoc. }
    destruct (R_legal past x held Hx) as [HP HL].
    set (left := P' * average draw N [] (fun τ => more (levels_of k w) τ)) in *.
    assert (H : left - Q' * rational k - rational M <= Q' * average draw N [] (fun τ => expected_after R past held ((x :: u) ++ τ))); [|lra].
    simpl expected_after. rewrite average_expect, <- expect_scale. apply (expect_least _ _ _ HP). intros C HC.
    destruct (HL C HC) as [[_ HF] _]. specialize (IH (past ++ [x]) (C :: held)). rewrite <- app_assoc in IH.
    specialize (IH Hw HF).
    rewrite (average_shift draw home home_proper home_next) by (now exists X, e).
    assert (0 <= Q' * inject_Z (Z.of_nat (loads (hd [] held) C))) by (apply Qmult_le_0_compat; apply rational_pos). lra.
Qed.

(** ** OPT grows beyond every bound *)

Definition steps (σ : list page) : nat :=
  match look_up link link_at CT (sight σ, []) with Some c => away c | None => 0%nat end.

Lemma links_bounded : exists B, forall c, In c chain -> (away c <= B)%nat /\ forall b, (N.to_nat (share c b) <= B)%nat.
Proof.
  clear. assert (HS : forall c, exists B, forall b, (N.to_nat (share c b) <= B)%nat).
  { intros c. unfold share, share_of. induction (shares c) as [|[b0 s] r [B H]]; [exists 0%nat; intros b; simpl; lia|].
    exists (N.to_nat s + B)%nat. intros b. simpl. destruct (same_label b0 b); simpl; [lia|]. specialize (H b). lia. }
  induction chain as [|c r [B H]]; [exists 0%nat; easy|]. destruct (HS c) as [B' H'].
  exists (away c + B + B')%nat. intros c' [<-|Hc]; split; try lia.
  - intros b. specialize (H' b). lia.
  - specialize (H c' Hc). lia.
  - intros b. destruct (H c' Hc) as [_ Hb]. specialize (Hb b). lia.
Qed.

Definition gain (σ : list page) (x : page) : nat := if k <? levels_of k (w ++ σ) x then 1 else 0.

Lemma gained_growths τ : forall σ, gained gain σ τ = growths_from k (levels_of k (w ++ σ)) τ.
Proof.
  induction τ as [|x τ IH]; intros σ; simpl; [reflexivity|]. rewrite IH, app_assoc, levels_snoc. reflexivity.
Qed.

Lemma sum_most (f : page -> nat) B b : (forall x, (f x <= B)%nat) -> (list_sum (map f b) <= length b * B)%nat.
Proof. intros H. induction b as [|x b IH]; simpl; [lia|]. specialize (H x). lia. Qed.

Lemma opt_grows b : home [] -> exists N, b <= average draw N [] (fun τ => more (levels_of k w) τ).
Proof.
  intros Hh. destruct links_bounded as [B HB]. set (Z := S (l * n * B)). set (δ := / rational Z).
  assert (HZ : 1 <= rational Z) by (apply rational_one; unfold Z; lia).
  assert (H0 : 0 < δ) by (apply Qinv_lt_0_compat; lra).
  assert (H1 : δ * rational Z == 1) by (unfold δ; field; lra).
  assert (Hδ : δ <= 1).
  { assert (δ * 1 <= δ * rational Z); [|lra]. rewrite !(Qmult_comm δ). apply Qmult_le_compat_r; lra. }
  destruct (average_grows draw home home_proper home_next gain steps B δ H0 Hδ) with (σ := @nil page) (b := b) as [N H].
  - intros σ (D & e & Hm). unfold steps. destruct (meets_link σ D e Hm) as (c & -> & Hc & _). now apply HB.
  - intros σ (D & e & Hm). destruct (meets_link σ D e Hm) as (c & Hc & Hin & _).
    destruct (link_way σ D e c Hm Hc) as (x & Hx & Hs & HW).
    exists x, (rational (weight c σ x) * / rational (all_weights c σ)). split; [|split].
    + unfold draw. rewrite Hc. apply in_map_iff. exists x. split; [reflexivity|]. apply filter_In.
      split; [exact Hx | now apply Nat.leb_le].
    + destruct (weights_pos σ D e c Hm Hc) as [W1 W2]. set (iW := / rational (all_weights c σ)) in *.
      assert (HA : (all_weights c σ <= Z)%nat).
      { assert (HL : (length (turns σ) <= l * n)%nat).
        { destruct accepted_warm as (Hl & Hn & _). rewrite <- (seq_length (l * n) 0). apply NoDup_incl_length.
          - pose proof (arranged_rows_at l n Hl (length (w ++ σ)) Hn) as HA.
            destruct (arranged_row l n Hl _ _ HA) as (row & rest & E & _). unfold turns. rewrite E in *. simpl.
            destruct HA as (_ & HA & _). simpl in HA. now apply NoDup_app_parts in HA.
          - intros y Hy. apply turns_spec in Hy. apply in_seq. lia. }
        assert (HU : (all_weights c σ <= length (turns σ) * B)%nat).
        { apply sum_most. intros y. now apply HB. }
        unfold Z. nia. }
      apply rational_le in HA. apply rational_one in Hs.
      assert (S1 : 1 * iW <= rational (weight c σ x) * iW) by (apply Qmult_le_compat_r; lra).
      assert (S2 : rational (all_weights c σ) * iW <= rational Z * iW) by (apply Qmult_le_compat_r; lra).
      setoid_replace (rational (all_weights c σ) * iW) with 1 in S2 by (rewrite Qmult_comm; exact W2).
      assert (S3 : 1 * δ <= rational Z * iW * δ) by (apply Qmult_le_compat_r; lra).
      setoid_replace (rational Z * iW * δ) with iW in S3 by (setoid_replace (rational Z * iW * δ) with (iW * (δ * rational Z)) by ring; rewrite H1; ring).
      lra.
    + unfold gain. destruct HW as [HW|(c' & Hc' & Hr)].
      * left. apply Nat.ltb_lt in HW. rewrite HW. lia.
      * right. unfold steps. now rewrite Hc, Hc'.
  - exact Hh.
  - exists N. eapply Qle_trans; [exact H|]. apply Qle_lteq. right. apply average_ext. intros τ.
    rewrite gained_growths, app_nil_r. reflexivity.
Qed.

Lemma meets_first : exists e, meets [] X e.
Proof.
  destruct accepted_warm as (Hl & Hn & Hk & Hw & H0 & HN & HX & Hp).
  pose proof accepted as H. unfold check in H. apply andb_prop in H as [_ H]. fold T in H.
  destruct (look_up moment state_of T _) as [e|] eqn:E; [|discriminate]. apply look_up_spec in E as [He HE].
  apply (f_equal fst) in HE. simpl in HE.
  exists e. unfold meets. rewrite app_nil_r. split; [exact Hw|]. split; [exact He|]. split; [exact HN|]. split; [exact HX|].
  split; [exact Hp|]. set (f := lab [] (fun x => mem x X)). exists (map (sort f) (in_order l n)). split.
  - apply arranged_sort. apply arranged_mod with 0%nat; [exact Hl | | now apply arranged_in_order].
    now rewrite H0, Nat.mod_0_l by lia.
  - rewrite each_sort, HE. apply first_place_view; auto. intros x. unfold f, lab, places. simpl. rewrite app_nil_r.
    fold X w. now destruct (mem x X).
Qed.

Theorem check_sound : (1 <= N.to_nat q)%nat -> random_ratio_at_least l n k R (P' / Q').
Proof.
  intros Hq r Hr [c Hc]. destruct accepted_warm as (_ & _ & Hk & _). destruct meets_first as [e He].
  apply rational_one in Hq. assert (HA : 0 < P' - Q' * r).
  { apply (Qmult_lt_compat_r _ _ Q') in Hr; [|lra]. setoid_replace (P' / Q' * Q') with P' in Hr by (field; lra). lra. }
  set (A := P' - Q' * r) in *. set (B := Q' * (r * rational (growths k w) + c) + Q' * rational k + rational M).
  destruct (opt_grows ((B + 1) / A)) as [N HN]; [now exists X, e|].
  set (G := average draw N [] (fun τ => more (levels_of k w) τ)) in *.
  pose proof (keeps_from_start N e He w [] [] eq_refl ltac:(simpl; lia)) as H. fold G in H.
  assert (HU : average draw N [] (fun τ => expected_after R [] [] (w ++ τ)) <=
               (r * rational (growths k w) + c) + r * G).
  { unfold G. rewrite <- average_scale, <- (average_shift draw home home_proper home_next) by now exists X, e.
    apply (average_le draw home home_proper home_next); [now exists X, e|]. intros τ (D & e' & Hσ & _).
    specialize (Hc (w ++ τ) _ Hσ (growths_is_opt k Hk _)). fold (rational (growths k (w ++ τ))) in Hc.
    unfold growths in Hc at 1. rewrite growths_from_app, rational_plus in Hc. unfold expected_cost in Hc.
    unfold growths, levels_of in *. lra. }
  apply (Qmult_le_compat_r _ _ Q') in HU; [|lra].
  apply (Qmult_le_compat_r _ _ A) in HN; [|lra]. setoid_replace ((B + 1) / A * A) with (B + 1) in HN by (field; lra).
  unfold A, B in HN. set (cost := average draw N [] (fun τ => expected_after R [] [] (w ++ τ))) in HU.
  assert (HL : P' * G <= Q' * cost + Q' * rational k + rational M) by exact H. clear - HL HU HN. clearbody G cost.
  assert (E1 : G * (P' - Q' * r) == P' * G - (r * G) * Q') by ring. rewrite E1 in HN.
  assert (E2 : (r * rational (growths k w) + c + r * G) * Q' == Q' * (r * rational (growths k w) + c) + (r * G) * Q') by ring.
  rewrite E2, (Qmult_comm cost) in HU. lra.
Qed.

End Sound.

End Checker.

(** If it accepts, every randomized policy has ratio at least p/q. The numbers of the entries are multiplied by [d]. *)
Definition check_randomized_lower (l n k memory : nat) (p q d : N) (chain : list link) (entries : list moment) : bool :=
  ((1 <=? d) && (1 <=? q))%N && check l n k memory (d * p) (d * q) chain entries.

Lemma entries_bounded (entries : list moment) : exists M, forall e, In e entries -> (N.to_nat (worth e) <= M)%nat.
Proof.
  induction entries as [|a r [M H]]; [exists 0%nat; easy|].
  exists (N.to_nat (worth a) + M)%nat. intros e [<-|He]; [lia|]. specialize (H e He). lia.
Qed.

Theorem check_randomized_lower_sound l n k memory p q d chain entries :
  check_randomized_lower l n k memory p q d chain entries = true ->
  forall R, random_legal l n k R -> random_ratio_at_least l n k R (inject_Z (Z.of_N p) / inject_Z (Z.of_N q)).
Proof.
  intros H R HR. unfold check_randomized_lower in H. apply andb_prop in H as [Hd H]. apply andb_prop in Hd as [Hd Hq].
  apply leb_to_nat in Hd, Hq. destruct (entries_bounded entries) as [M HM]. intros r Hr.
  apply (check_sound l n k memory (d * p) (d * q) chain entries H R HR M HM); [rewrite N2Nat.inj_mul; simpl in *; nia|].
  rewrite !N2Nat.inj_mul, !rational_mult. unfold rational. rewrite !N_nat_Z.
  assert (D1 : (0 < inject_Z (Z.of_N d))%Q) by (rewrite <- (Zlt_Qlt 0); simpl in *; lia).
  assert (D2 : (0 < inject_Z (Z.of_N q))%Q) by (rewrite <- (Zlt_Qlt 0); simpl in *; lia).
  setoid_replace (inject_Z (Z.of_N d) * inject_Z (Z.of_N p) / (inject_Z (Z.of_N d) * inject_Z (Z.of_N q)))%Q
    with (inject_Z (Z.of_N p) / inject_Z (Z.of_N q))%Q by (field; lra). exact Hr.
Qed.
