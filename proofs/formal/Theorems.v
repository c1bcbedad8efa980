(** * Theorems: what is proved, in one place

    Each statement is written out in the words of Model.v and RandomModel.v (and of the files named), so that
    these and this file are all that has to be read to know what is claimed. The proofs are in the files
    named. After each one Coq is asked what it rests on: it answers "Closed under the global
    context", nothing but Coq itself. *)

From Coq Require Import List Arith NArith QArith.
From LayeredPaging Require Import Model RandomModel.
From LayeredPaging Require Offset Lazy Guided LRU DeterministicLower FixedPartition
  Far Tight Fifo OneToken OneTokenLower LruLower ConstantLayers LruUpper Renaming Potential Labels Timeline Tokens
  Keep KeepFacts Groups KeepTight Canonical Expect Average
  CheckDeterministicLower CheckRandomizedLower Transports CheckRandomizedUpper CheckTable CheckKnown.
Import ListNotations.
Open Scope nat_scope.

(** OPT exists: some schedule has the least cost. *)
Theorem opt_exists : forall k, 1 <= k -> forall σ, exists m, is_opt k σ m.
Proof. exact Offset.opt_exists. Qed.
Print Assumptions opt_exists.

(** The number of growths of the offset function is OPT of every prefix. *)
Theorem growths_is_opt : forall k, 1 <= k -> forall σ, is_opt k σ (Offset.growths k σ).
Proof. exact Offset.growths_is_opt. Qed.
Print Assumptions growths_is_opt.

(** A schedule pays for the growths and for the defect of its last cache. *)
Theorem schedule_defect : forall k σ C c j, schedule k σ C c -> j <= k ->
  Offset.growths k σ + Offset.above (Offset.levels_of k σ) j C + j <= c + k.
Proof. exact Offset.schedule_defect. Qed.
Print Assumptions schedule_defect.

(** Every optimal cache is held at the end of some schedule that pays only for the growths. *)
Theorem optimal_is_attained : forall k, 1 <= k -> forall σ C,
  NoDup C -> Offset.optimal k (Offset.levels_of k σ) C ->
  exists D c, schedule k σ D c /\ incl C D /\ c <= Offset.growths k σ.
Proof. exact Offset.optimal_is_attained. Qed.
Print Assumptions optimal_is_attained.

(** Lazy schedules are enough: the least cost of a lazy one is OPT. *)
Theorem lazy_schedules_are_enough : forall k σ m, is_opt k σ m ->
  (exists D, Lazy.lazy_schedule k σ D m) /\ (forall D d, Lazy.lazy_schedule k σ D d -> m <= d).
Proof. exact Lazy.lazy_schedules_are_enough. Qed.
Print Assumptions lazy_schedules_are_enough.

(** For every policy there is a lazy one that pays no more on any sequence. *)
Theorem lazify_costs_no_more : forall k l n A, legal l n k A ->
  lazy l n k (Lazy.lazify k A) /\
  (forall σ, layered l n σ -> cost (Lazy.lazify k A) σ <= cost A σ).
Proof. exact Lazy.lazify_costs_no_more. Qed.
Print Assumptions lazify_costs_no_more.

(** Every guided policy: ALG <= k OPT at every prefix. *)
Theorem guided_upper : forall l n k, 1 <= k -> forall A, Guided.guided l n k A ->
  forall σ m, layered l n σ -> is_opt k σ m -> cost A σ <= k * m.
Proof. exact Guided.guided_upper. Qed.
Print Assumptions guided_upper.

(** On a miss with a full optimal cache some page can be evicted so that it is optimal again. *)
Theorem safe_page : forall k, 1 <= k -> forall σ p C,
  NoDup C -> length C = k -> Offset.optimal k (Offset.levels_of k σ) C -> ~ In p C ->
  exists q, In q C /\ Offset.optimal k (Offset.levels_of k (σ ++ [p])) (p :: evict q C).
Proof. exact Guided.safe_page. Qed.
Print Assumptions safe_page.

(** Guided policies exist. *)
Theorem guided_exists : forall l n k, 1 <= k -> exists A, Guided.guided l n k A.
Proof. intros. eexists. now apply Guided.guided_exists. Qed.
Print Assumptions guided_exists.

(** Every deterministic policy, lazy or not, has ratio at least k-l+1 for l <= k < l n. *)
Theorem deterministic_lower : forall l n k A,
  1 <= l -> l <= k -> k < l * n -> legal l n k A -> ratio_at_least l n k A (k - l + 1) 1.
Proof. exact DeterministicLower.deterministic_lower. Qed.
Print Assumptions deterministic_lower.

(** Every conservative policy: ALG <= k OPT at every prefix. *)
Theorem conservative_upper : forall l n k, 1 <= k -> forall A σ m, LRU.conservative l n k A ->
  layered l n σ -> is_opt k σ m -> cost A σ <= k * m.
Proof. exact LRU.conservative_upper. Qed.
Print Assumptions conservative_upper.

(** Every lazy marking policy: ALG <= k OPT at every prefix. *)
Theorem marking_upper : forall l n k, 1 <= k -> forall A σ m, lazy l n k A -> LRU.marking l n k A ->
  layered l n σ -> is_opt k σ m -> cost A σ <= k * m.
Proof. exact LRU.marking_upper. Qed.
Print Assumptions marking_upper.

(** LRU is legal and conservative: ALG <= k OPT at every prefix. *)
Theorem lru_upper : forall l n k, 1 <= k -> legal l n k (LRU.LRU k) /\
  (forall σ m, layered l n σ -> is_opt k σ m -> cost (LRU.LRU k) σ <= k * m).
Proof. intros. split; [now apply LRU.LRU_legal | now apply LRU.lru_upper]. Qed.
Print Assumptions lru_upper.

(** FIFO is legal and conservative: ALG <= k OPT at every prefix. *)
Theorem fifo_upper : forall l n k, 1 <= k -> legal l n k (LRU.FIFO k) /\
  (forall σ m, layered l n σ -> is_opt k σ m -> cost (LRU.FIFO k) σ <= k * m).
Proof. intros. split; [now apply LRU.FIFO_legal | now apply LRU.fifo_upper]. Qed.
Print Assumptions fifo_upper.

(** A deterministic policy with k_j slots for layer j, where k_j < n and k_j < k-l+1 for one layer, has
    no finite ratio. *)
Theorem partition_layer : forall l n k slots A j,
  j < l -> slots j < n -> slots j < k - l + 1 -> l <= k ->
  legal l n k A -> FixedPartition.divided l n slots A -> no_finite_ratio l n k A.
Proof. exact FixedPartition.partition_layer. Qed.
Print Assumptions partition_layer.

(** For l >= 2 and l < k < l n no deterministic policy with a fixed partition into at most k slots has a
    finite ratio. *)
Theorem fixed_partition : forall l n k slots A,
  2 <= l -> l < k -> k < l * n -> FixedPartition.total l slots <= k ->
  legal l n k A -> FixedPartition.divided l n slots A -> no_finite_ratio l n k A.
Proof. exact FixedPartition.fixed_partition. Qed.
Print Assumptions fixed_partition.

(** Guided-far, ties broken in any way: ALG <= max(l, k-l+1) OPT at every prefix, for k >= l. *)
Theorem far_upper : forall l n k, 1 <= l -> l <= k -> forall A, Far.guided_far l n k A ->
  forall σ m, layered l n σ -> is_opt k σ m -> cost A σ <= Nat.max l (k - l + 1) * m.
Proof. exact Tight.far_upper. Qed.
Print Assumptions far_upper.

(** Guided-far exists. *)
Theorem far_exists : forall l n k, 1 <= l -> l <= k -> exists A, Far.guided_far l n k A.
Proof. intros. eexists. now apply Far.far_exists. Qed.
Print Assumptions far_exists.

(** A growth makes a token at position 2, which then moves as the levels of pages that are not requested: of pages
    and empty slots of level at most j there are always j more than of tokens at positions up to j. *)
Theorem tokens_balance : forall l n k, 1 <= k -> forall P, Timeline.endless l n P -> forall z j, j <= k ->
  Tokens.lows l n k P z j + Tokens.blanks k P z j = j + Tokens.tokens k P z j.
Proof. exact Tokens.balance. Qed.
Print Assumptions tokens_balance.

(** Guided-keep exists: if the page requested l requests ago is not safe, a page not requested since then is. *)
Theorem keep_exists : forall l n k, 1 <= l -> l <= k -> exists A, Keep.guided_keep l n k A.
Proof. intros. eexists. now apply Keep.keep_exists. Qed.
Print Assumptions keep_exists.

(** Every KEEP policy (when OPT grows it evicts the page requested l requests ago, and otherwise a safe page not
    requested since): ALG <= (k-l+2) OPT at every prefix, for k >= l. *)
Theorem keep_policy_upper : forall l n k A σ m, 1 <= l -> l <= k -> Keep.keep_policy l n k A ->
  layered l n σ -> is_opt k σ m -> cost A σ <= (k - l + 2) * m.
Proof. exact Groups.keep_policy_upper. Qed.
Print Assumptions keep_policy_upper.

(** Guided-keep is a KEEP policy. *)
Theorem guided_keep_is_keep : forall l n k A, 1 <= l -> l <= k -> Keep.guided_keep l n k A -> Keep.keep_policy l n k A.
Proof. exact KeepFacts.guided_keep_is_keep. Qed.
Print Assumptions guided_keep_is_keep.

(** Guided-keep for k >= l+2: ALG <= (k-l+1) OPT at every prefix. *)
Theorem keep_upper : forall l n k A σ m, 1 <= l -> l + 2 <= k -> Keep.guided_keep l n k A ->
  layered l n σ -> is_opt k σ m -> cost A σ <= (k - l + 1) * m.
Proof. exact KeepTight.keep_upper. Qed.
Print Assumptions keep_upper.

(** Guided-keep for k = l+1: 2 ALG <= 5 OPT at every prefix. *)
Theorem keep_five_halves : forall l n A σ m, 1 <= l -> Keep.guided_keep l n (l + 1) A ->
  layered l n σ -> is_opt (l + 1) σ m -> 2 * cost A σ <= 5 * m.
Proof. exact KeepTight.keep_five_halves. Qed.
Print Assumptions keep_five_halves.

(** For l+2 <= k < l n the best deterministic ratio is exactly k-l+1: some policy has it, none has a smaller one. *)
Theorem best_deterministic : forall l n k, 1 <= l -> l + 2 <= k -> k < l * n ->
  (exists A, legal l n k A /\ ratio_is l n k A (k - l + 1) 1) /\
  (forall A, legal l n k A -> ratio_at_least l n k A (k - l + 1) 1).
Proof. exact KeepTight.best_deterministic. Qed.
Print Assumptions best_deterministic.

(** For 2l-1 <= k < l n the best deterministic ratio is exactly k-l+1: some policy has it, none has a
    smaller one. *)
Theorem deterministic_value : forall l n k, 1 <= l -> 2 * l - 1 <= k -> k < l * n ->
  (exists A, legal l n k A /\ ratio_is l n k A (k - l + 1) 1) /\
  (forall A, legal l n k A -> ratio_at_least l n k A (k - l + 1) 1).
Proof. exact Tight.deterministic_value. Qed.
Print Assumptions deterministic_value.

(** For l <= k < l n the ratio of FIFO is exactly k. *)
Theorem fifo_value : forall l n k, 1 <= l -> l <= k -> k < l * n -> ratio_is l n k (LRU.FIFO k) k 1.
Proof. exact Fifo.fifo_value. Qed.
Print Assumptions fifo_value.

(** For 2l-1 <= k < l n the ratio of LRU is exactly k. *)
Theorem lru_value : forall l n k, 1 <= l -> 2 * l - 1 <= k -> k < l * n -> ratio_is l n k (LRU.LRU k) k 1.
Proof. exact LruLower.lru_value. Qed.
Print Assumptions lru_value.

(** For l < k < l n, and for k = l = 1, the ratio of LRU is at least min(k, 2(k-l)+1). *)
Theorem lru_value_lower : forall l n k, 1 <= l -> l < k \/ k = 1 -> l <= k -> k < l * n ->
  ratio_at_least l n k (LRU.LRU k) (Nat.min k (2 * (k - l) + 1)) 1.
Proof. exact ConstantLayers.lru_value_lower. Qed.
Print Assumptions lru_value_lower.

(** LRU for k > l, and for k = l = 1: ALG <= min(k, 2(k-l)+1) OPT at every prefix. *)
Theorem lru_value_upper : forall l n k σ m, 1 <= l -> l < k \/ k = 1 -> l <= k -> layered l n σ -> is_opt k σ m ->
  cost (LRU.LRU k) σ <= Nat.min k (2 * (k - l) + 1) * m.
Proof. exact LruUpper.lru_value_upper. Qed.
Print Assumptions lru_value_upper.

(** For l < k < l n, and for k = l = 1, the ratio of LRU is exactly min(k, 2(k-l)+1). *)
Theorem lru_value_all : forall l n k, 1 <= l -> l < k \/ k = 1 -> l <= k -> k < l * n ->
  ratio_is l n k (LRU.LRU k) (Nat.min k (2 * (k - l) + 1)) 1.
Proof. exact LruUpper.lru_value_all. Qed.
Print Assumptions lru_value_all.

(** LRU at k = l: l ALG <= (2l-1) OPT at every prefix, so its ratio is at most 2-1/l. *)
Theorem one_token_upper : forall l n σ m, 1 <= l -> layered l n σ -> is_opt l σ m ->
  l * cost (LRU.LRU l) σ <= (2 * l - 1) * m.
Proof. exact OneToken.one_token_upper. Qed.
Print Assumptions one_token_upper.

(** At k = l, with n >= 2, every deterministic policy, lazy or not, has ratio at least 2-1/l. *)
Theorem one_token_lower : forall l n A, 1 <= l -> 2 <= n -> legal l n l A -> ratio_at_least l n l A (2 * l - 1) l.
Proof. exact OneTokenLower.one_token_lower. Qed.
Print Assumptions one_token_lower.

(** At k = l, with n >= 2, the best deterministic ratio is exactly 2-1/l: LRU has it, and no policy a smaller one. *)
Theorem one_token_value : forall l n, 1 <= l -> 2 <= n ->
  (legal l n l (LRU.LRU l) /\ ratio_is l n l (LRU.LRU l) (2 * l - 1) l) /\
  (forall A, legal l n l A -> ratio_at_least l n l A (2 * l - 1) l).
Proof. exact OneTokenLower.one_token_value. Qed.
Print Assumptions one_token_value.

(** Renaming pages, no two to the same name, changes no OPT: experts of a layer are alike, and so are the
    layers. *)
Theorem renaming_keeps_opt : forall k f, (forall x y, f x = f y -> x = y) -> 1 <= k ->
  forall σ m, is_opt k (map f σ) m <-> is_opt k σ m.
Proof. exact Renaming.renaming_keeps_opt. Qed.
Print Assumptions renaming_keeps_opt.

(** Potentials that pay for every move of a policy prove its ratio from above. *)
Theorem potential_upper : forall l n k p q A, 1 <= k -> forall (S : Type) (V : S -> nat) seen,
  Potential.defends l n k p q A S V seen -> competitive l n k A p q.
Proof. exact Potential.potential_upper. Qed.
Print Assumptions potential_upper.

(** Potentials, with a rank that leads to the next load, against every lazy policy prove a ratio of every
    policy from below. *)
Theorem potential_lower_lazy : forall l n k p q, 1 <= k ->
  (forall A, lazy l n k A -> exists (S : Type) (V rank : S -> nat) M c reached,
    Potential.attacks l n k p q A S V rank M c reached) ->
  forall A, legal l n k A -> ratio_at_least l n k A p q.
Proof. exact Potential.potential_lower_lazy. Qed.
Print Assumptions potential_lower_lazy.

(** Rows that hold the same pages are the same rows of labels when they are sorted: what an adversary sees of labels
    that do not tell the caches depends on the requests alone. *)
Theorem canonical : forall l n (f : page -> Labels.label) t P P',
  Labels.arranged l n t P -> Labels.arranged l n t P' ->
  map (Labels.sort (fun b => b)) (Labels.each f P) = map (Labels.sort (fun b => b)) (Labels.each f P').
Proof. exact Canonical.canonical. Qed.
Print Assumptions canonical.

(** A deterministic policy is a randomized one that draws nothing: legal if it is, at the same cost. *)
Theorem certain_policy : forall l n k A, legal l n k A -> random_legal l n k (certain A) /\
  forall σ, (expected_cost (certain A) σ == inject_Z (Z.of_nat (cost A σ)))%Q.
Proof.
  intros l n k A H. split; [now apply Expect.certain_legal|]. intros σ. apply Expect.certain_cost, H.
Qed.
Print Assumptions certain_policy.

(** An adversary that draws requests: if from everywhere some draws of probability at least δ > 0 lead to a gain within
    a bounded time, the mean of what it gains grows beyond every bound. *)
Theorem average_grows : forall (draw : list page -> distribution page) (home : list page -> Prop),
  (forall σ, home σ -> proper (draw σ)) ->
  (forall σ x, home σ -> In x (map fst (draw σ)) -> home (σ ++ [x])) ->
  forall (gain : list page -> page -> nat) (rank : list page -> nat) most δ, (0 < δ)%Q -> (δ <= 1)%Q ->
  (forall σ, home σ -> rank σ <= most) ->
  (forall σ, home σ -> exists x probability, In (x, probability) (draw σ) /\ (δ <= probability)%Q /\
    (1 <= gain σ x \/ rank (σ ++ [x]) < rank σ)) ->
  forall σ b, home σ -> exists N,
    (b <= Average.average draw N σ (fun τ => inject_Z (Z.of_nat (Average.gained gain σ τ))))%Q.
Proof.
  intros draw home HP HN gain rank most δ H0 H1 HR HW σ b Hσ.
  exact (Average.average_grows draw home HP HN gain rank most δ H0 H1 HR HW σ b Hσ).
Qed.
Print Assumptions average_grows.

(** The checker of certificates of kind deterministic-lower: if it accepts, every deterministic policy, lazy or
    not, has ratio at least p/q. *)
Theorem check_deterministic_lower_sound : forall l n k p q d entries,
  CheckDeterministicLower.check_deterministic_lower l n k p q d entries = true ->
  forall A, legal l n k A -> ratio_at_least l n k A (N.to_nat p) (N.to_nat q).
Proof. exact CheckDeterministicLower.check_deterministic_lower_sound. Qed.
Print Assumptions check_deterministic_lower_sound.

(** The checker of certificates of kind randomized-lower: if it accepts, every randomized policy has ratio at least
    p/q. *)
Theorem check_randomized_lower_sound : forall l n k memory p q d chain entries,
  CheckRandomizedLower.check_randomized_lower l n k memory p q d chain entries = true ->
  forall R, random_legal l n k R -> random_ratio_at_least l n k R (inject_Z (Z.of_N p) / inject_Z (Z.of_N q))%Q.
Proof. exact CheckRandomizedLower.check_randomized_lower_sound. Qed.
Print Assumptions check_randomized_lower_sound.

(** The checker of certificates of kind randomized-upper: if it accepts, some randomized policy is p/q-competitive. *)
Theorem check_randomized_upper_sound : forall l n k p q M entries,
  Transports.check_randomized_upper l n k p q M entries = true ->
  exists R, random_legal l n k R /\
    random_competitive l n k R (inject_Z (Z.of_N p) / inject_Z (Z.of_N q))%Q.
Proof. exact CheckRandomizedUpper.check_randomized_upper_sound. Qed.
Print Assumptions check_randomized_upper_sound.

(** The checker of certificates of kind deterministic-upper: if it accepts, some deterministic policy is
    p/q-competitive. *)
Theorem check_deterministic_upper_sound : forall l n k p q d table entries,
  CheckTable.check_deterministic_upper l n k p q d table entries = true ->
  exists A, legal l n k A /\ competitive l n k A (N.to_nat p) (N.to_nat q).
Proof. exact CheckTable.check_deterministic_upper_sound. Qed.
Print Assumptions check_deterministic_upper_sound.

(** The checker of kind policy-upper for LRU ([true]) and FIFO ([false]): if it accepts, the policy is
    p/q-competitive. *)
Theorem check_known_upper_sound : forall l n k renews p q d entries,
  CheckKnown.check_known_upper l n k renews p q d entries = true ->
  competitive l n k (if renews then LRU.LRU k else LRU.FIFO k) (N.to_nat p) (N.to_nat q).
Proof. exact CheckKnown.check_known_upper_sound. Qed.
Print Assumptions check_known_upper_sound.

(** The checker of kind policy-lower for LRU and FIFO: if it accepts, the policy has ratio at least p/q. *)
Theorem check_known_lower_sound : forall l n k renews p q prefix cycle,
  CheckKnown.check_known_lower l n k renews p q prefix cycle = true ->
  ratio_at_least l n k (if renews then LRU.LRU k else LRU.FIFO k) (N.to_nat p) (N.to_nat q).
Proof. exact CheckKnown.check_known_lower_sound. Qed.
Print Assumptions check_known_lower_sound.

(** The same for the claim inf: the policy has no finite ratio. *)
Theorem check_known_infinite_sound : forall l n k renews prefix cycle,
  CheckKnown.check_known_infinite l n k renews prefix cycle = true ->
  no_finite_ratio l n k (if renews then LRU.LRU k else LRU.FIFO k).
Proof. exact CheckKnown.check_known_infinite_sound. Qed.
Print Assumptions check_known_infinite_sound.

(** The checker of kind policy-upper for a policy given by a table: if it accepts, the table is a legal policy, and
    every policy that keeps the caches that the table says is p/q-competitive. *)
Theorem check_table_upper_sound : forall l n k first table p q d entries,
  CheckTable.check_table_upper l n k first table p q d entries = true ->
  legal l n k (CheckTable.table_policy l n k first table) /\
  forall A, CheckTable.table_follows l n k first table A -> competitive l n k A (N.to_nat p) (N.to_nat q).
Proof. exact CheckTable.check_table_upper_sound. Qed.
Print Assumptions check_table_upper_sound.

(** The checker of kind policy-lower for a table: if it accepts, every policy that keeps the caches that the table
    says, as long as it says something, has ratio at least p/q. *)
Theorem check_table_lower_sound : forall l n k first table p q prefix cycle,
  CheckTable.check_table_lower l n k first table p q prefix cycle = true ->
  forall A, CheckTable.table_follows l n k first table A -> ratio_at_least l n k A (N.to_nat p) (N.to_nat q).
Proof. exact CheckTable.check_table_lower_sound. Qed.
Print Assumptions check_table_lower_sound.

(** The same for the claim inf: such a policy has no finite ratio. *)
Theorem check_table_infinite_sound : forall l n k first table prefix cycle,
  CheckTable.check_table_infinite l n k first table prefix cycle = true ->
  forall A, CheckTable.table_follows l n k first table A -> no_finite_ratio l n k A.
Proof. exact CheckTable.check_table_infinite_sound. Qed.
Print Assumptions check_table_infinite_sound.
