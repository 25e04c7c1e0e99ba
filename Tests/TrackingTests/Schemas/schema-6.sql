PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES('1');
INSERT INTO grdb_migrations VALUES('2');
INSERT INTO grdb_migrations VALUES('3');
INSERT INTO grdb_migrations VALUES('4');
INSERT INTO grdb_migrations VALUES('5');
INSERT INTO grdb_migrations VALUES('6');
CREATE TABLE coordinator(
  one INTEGER PRIMARY KEY CHECK(one = 1),
  epoch INTEGER NOT NULL,
  host TEXT NOT NULL, pid INTEGER NOT NULL, started_ms INTEGER NOT NULL, code_version TEXT NOT NULL) STRICT;
INSERT INTO coordinator VALUES(1,2,'vm',27594,1795701426385,'0.1.0');
CREATE TABLE dataset(
  dataset_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  digest TEXT NOT NULL UNIQUE CHECK(length(digest) = 64),
  source TEXT NOT NULL, outcome TEXT NOT NULL,
  n_rows INTEGER NOT NULL, n_patients INTEGER NOT NULL, n_columns INTEGER NOT NULL,
  prevalence REAL, path TEXT NOT NULL, created_ms INTEGER NOT NULL) STRICT;
INSERT INTO dataset VALUES(1,'synthetic-readmission_30d','17aec5f120b98a2a5387289cdd5b33b1a5a1f55f319ff1b4675fbab68540fa22','synthetic','readmission_30d',717,551,349,0.089260808926080889569,'datasets/readmission_30d',1795688554515);
CREATE TABLE sweep(
  sweep_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  outcome TEXT NOT NULL,
  dataset_id INTEGER NOT NULL REFERENCES dataset(dataset_id),
  metric TEXT NOT NULL,
  direction TEXT NOT NULL CHECK(direction IN('maximize','minimize')),
  cv_scheme TEXT NOT NULL, n_folds INTEGER NOT NULL, n_repeats INTEGER NOT NULL, cv_seed TEXT NOT NULL,
  sampler TEXT NOT NULL, seed TEXT NOT NULL,
  state TEXT NOT NULL CHECK(state IN('running','finished','stopped','failed')),
  spec TEXT NOT NULL CHECK(json_valid(spec)),
  spec_digest TEXT NOT NULL, code_version TEXT NOT NULL,
  created_ms INTEGER NOT NULL, finished_ms INTEGER,
  created_at TEXT GENERATED ALWAYS AS (strftime('%Y-%m-%dT%H:%M:%SZ', created_ms / 1000, 'unixepoch')) VIRTUAL) STRICT;
INSERT INTO sweep VALUES(1,'readmission-demo','readmission_30d',1,'valid/auroc','maximize','stratified-grouped',5,1,'17','grid','0','finished','{"apiVersion":"sweep/v1","budget":{"trials":10},"cv":{"folds":5,"group_by":"patient","repeats":1,"scheme":"stratified-grouped","seed":17},"data":{"dataset":"runs/demo/datasets/readmission_30d"},"description":"Boosted trees, time-aware LSTM and regularised logistic regression on 30-day readmission","enqueue":[],"execution":{"heartbeat":"1000ms","lease":"5000ms","retries":2},"kind":"Sweep","name":"readmission-demo","objective":{"aggregate":"mean","also":["valid/auprc","valid/brier"],"direction":"maximize","metric":"valid/auroc"},"pruner":{"kind":"none"},"sampler":{"kind":"grid","seed":0},"seed":0,"space":{"branches":[{"if":{"model":["linear"]},"params":{"l2":{"float":[0.001,1.0],"log":true,"points":4}}},{"if":{"model":["booster"]},"params":{"trees":{"value":150},"leaves":{"choice":[15,31]},"learning_rate":{"choice":[0.05,0.1]},"column_sample":{"value":0.5}}},{"if":{"model":["lstm"]},"params":{"hidden":{"choice":[16,32]},"epochs":{"value":8},"batch":{"value":128},"learning_rate":{"value":0.005}}}],"params":{"model":{"choice":["linear","booster","lstm"]}}},"tags":{"purpose":"demo"},"task":"readmission_30d","track":{"artifacts":"runs/demo/artifacts","db":"runs/demo/tracker.db"}}','5a101969972e137c02a4e19f055dd83f57e11b51156aa2f3e4f1261700fe6e4c','0.1.0',1795688554515,1795688561679);
CREATE TABLE trial(
  trial_id INTEGER PRIMARY KEY,
  sweep_id INTEGER NOT NULL REFERENCES sweep(sweep_id),
  number INTEGER NOT NULL,
  learner TEXT NOT NULL,
  params TEXT NOT NULL CHECK(json_valid(params)),
  state TEXT NOT NULL CHECK(state IN('running','completed','failed','pruned')),
  objective REAL, objective_sd REAL, ci_low REAL, ci_high REAL,
  folds_done INTEGER NOT NULL DEFAULT 0, reason TEXT,
  created_ms INTEGER NOT NULL, finished_ms INTEGER,
  UNIQUE(sweep_id, number)) STRICT;
INSERT INTO trial VALUES(1,1,0,'linear','{"iterations":500,"l1":0.0,"l2":0.001,"positive_weight":1.0,"tolerance":1e-06}','completed',0.78458346507671239411,0.050377540371183693324,0.6907554977812793151,0.87841143237214547312,5,NULL,1795688554523,1795688555019);
INSERT INTO trial VALUES(5,1,4,'booster','{"bins":255,"bins_from":"fold","column_sample":0.5,"drop_rate":0.0,"drop_skip":0.5,"goss_rest":0.1,"goss_top":0.2,"growth":"leaf","l1":0.0,"l2":1.0,"learning_rate":0.05,"leaves":15,"loss":"standard","max_depth":0,"min_gain":0.0,"min_hessian":0.001,"min_leaf":20,"patience":25,"positive_weight":1.0,"quantile":0.5,"rate_schedule":"constant","sampling":"uniform","stop_on":"loss","subsample":1.0,"trees":150,"tweedie_power":1.5}','completed',0.8185953897345559227,0.030441518472042156107,0.76189818342847159815,0.87529259604064024724,5,NULL,1795688555383,1795688556531);
INSERT INTO trial VALUES(10,1,9,'lstm','{"attention":"additive","batch":128,"bidirectional":false,"decay":"log","dropout":0.1,"epochs":8,"focal_gamma":0.0,"gradient_clip":5.0,"hidden":32,"layer_norm":false,"layers":1,"learning_rate":0.005,"mean_decay":false,"patience":4,"positive_weight":1.0,"schedule":"constant","stop_metric":"loss","time_encoding":0,"variational_dropout":0.0,"warmup":0.0,"weight_decay":0.0}','completed',0.803559630817411219,0.038163454276148811583,0.73248034998472710821,0.87463891165009532979,5,NULL,1795688557919,1795688561675);
CREATE TABLE trial_param(
  trial_id INTEGER NOT NULL REFERENCES trial(trial_id),
  name TEXT NOT NULL,
  value ANY NOT NULL CHECK(typeof(value) IN('integer','real','text')),
  PRIMARY KEY(trial_id, name)) STRICT, WITHOUT ROWID;
INSERT INTO trial_param VALUES(10,'attention','additive');
INSERT INTO trial_param VALUES(10,'batch',128);
INSERT INTO trial_param VALUES(10,'bidirectional',0);
INSERT INTO trial_param VALUES(5,'bins',255);
INSERT INTO trial_param VALUES(5,'bins_from','fold');
INSERT INTO trial_param VALUES(5,'column_sample',0.5);
INSERT INTO trial_param VALUES(10,'decay','log');
INSERT INTO trial_param VALUES(5,'drop_rate',0.0);
INSERT INTO trial_param VALUES(5,'drop_skip',0.5);
INSERT INTO trial_param VALUES(10,'dropout',0.10000000000000000555);
INSERT INTO trial_param VALUES(10,'epochs',8);
INSERT INTO trial_param VALUES(10,'focal_gamma',0.0);
INSERT INTO trial_param VALUES(5,'goss_rest',0.10000000000000000555);
INSERT INTO trial_param VALUES(5,'goss_top',0.2000000000000000111);
INSERT INTO trial_param VALUES(10,'gradient_clip',5.0);
INSERT INTO trial_param VALUES(5,'growth','leaf');
INSERT INTO trial_param VALUES(10,'hidden',32);
INSERT INTO trial_param VALUES(1,'iterations',500);
INSERT INTO trial_param VALUES(1,'l1',0.0);
INSERT INTO trial_param VALUES(5,'l1',0.0);
INSERT INTO trial_param VALUES(1,'l2',0.0010000000000000000208);
INSERT INTO trial_param VALUES(5,'l2',1.0);
INSERT INTO trial_param VALUES(10,'layer_norm',0);
INSERT INTO trial_param VALUES(10,'layers',1);
INSERT INTO trial_param VALUES(10,'learning_rate',0.005000000000000000104);
INSERT INTO trial_param VALUES(5,'learning_rate',0.050000000000000002775);
INSERT INTO trial_param VALUES(5,'leaves',15);
INSERT INTO trial_param VALUES(5,'loss','standard');
INSERT INTO trial_param VALUES(5,'max_depth',0);
INSERT INTO trial_param VALUES(10,'mean_decay',0);
INSERT INTO trial_param VALUES(5,'min_gain',0.0);
INSERT INTO trial_param VALUES(5,'min_hessian',0.0010000000000000000208);
INSERT INTO trial_param VALUES(5,'min_leaf',20);
INSERT INTO trial_param VALUES(10,'patience',4);
INSERT INTO trial_param VALUES(5,'patience',25);
INSERT INTO trial_param VALUES(1,'positive_weight',1.0);
INSERT INTO trial_param VALUES(5,'positive_weight',1.0);
INSERT INTO trial_param VALUES(10,'positive_weight',1.0);
INSERT INTO trial_param VALUES(5,'quantile',0.5);
INSERT INTO trial_param VALUES(5,'rate_schedule','constant');
INSERT INTO trial_param VALUES(5,'sampling','uniform');
INSERT INTO trial_param VALUES(10,'schedule','constant');
INSERT INTO trial_param VALUES(10,'stop_metric','loss');
INSERT INTO trial_param VALUES(5,'stop_on','loss');
INSERT INTO trial_param VALUES(5,'subsample',1.0);
INSERT INTO trial_param VALUES(10,'time_encoding',0);
INSERT INTO trial_param VALUES(1,'tolerance',9.9999999999999995472e-07);
INSERT INTO trial_param VALUES(5,'trees',150);
INSERT INTO trial_param VALUES(5,'tweedie_power',1.5);
INSERT INTO trial_param VALUES(10,'variational_dropout',0.0);
INSERT INTO trial_param VALUES(10,'warmup',0.0);
INSERT INTO trial_param VALUES(10,'weight_decay',0.0);
CREATE TABLE worker(
  worker_id INTEGER PRIMARY KEY,
  incarnation TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,
  code_version TEXT NOT NULL, machine TEXT NOT NULL,
  joined_ms INTEGER NOT NULL, left_ms INTEGER, left_reason TEXT) STRICT;
INSERT INTO worker VALUES(1,'9aa601709a9c1f975170e23ec9d10a18','w0','node',12692,'0.1.0','Intel(R) Xeon(R) Processor',1795688554550,1795688561680,'goodbye');
CREATE TABLE attempt(
  attempt_id INTEGER PRIMARY KEY,
  trial_id INTEGER NOT NULL REFERENCES trial(trial_id),
  fold INTEGER NOT NULL, rung INTEGER NOT NULL,
  epoch INTEGER NOT NULL, number INTEGER NOT NULL,
  worker_id INTEGER REFERENCES worker(worker_id),
  state TEXT NOT NULL CHECK(state IN(
    'running','completed','failed','crashed','lost','drained','cancelled','superseded')),
  message TEXT NOT NULL DEFAULT '',
  started_ms INTEGER NOT NULL, ended_ms INTEGER,
  wall_ms INTEGER, cpu_ms INTEGER, rss_peak_bytes INTEGER, resumed_step INTEGER CHECK(resumed_step >= 0),
  UNIQUE(epoch, number)) STRICT;
INSERT INTO attempt VALUES(1,1,0,0,1,1,1,'completed','',1795688554550,1795688554704,152,71,51617792,0);
INSERT INTO attempt VALUES(2,1,1,0,1,2,1,'completed','',1795688554550,1795688554771,68,59,51687424,0);
INSERT INTO attempt VALUES(3,1,2,0,1,3,1,'completed','',1795688554704,1795688554845,72,58,51687424,0);
INSERT INTO attempt VALUES(4,1,3,0,1,4,1,'completed','',1795688554771,1795688554935,86,71,51687424,0);
INSERT INTO attempt VALUES(5,1,4,0,1,5,1,'completed','',1795688554845,1795688555019,83,60,51687424,0);
INSERT INTO attempt VALUES(21,5,0,0,1,21,1,'completed','',1795688555695,1795688555859,124,112,51884032,0);
INSERT INTO attempt VALUES(22,5,1,0,1,22,1,'completed','',1795688555735,1795688556064,204,184,53800960,0);
INSERT INTO attempt VALUES(23,5,2,0,1,23,1,'completed','',1795688555859,1795688556243,179,137,53800960,0);
INSERT INTO attempt VALUES(24,5,3,0,1,24,1,'completed','',1795688556064,1795688556415,172,130,56553472,0);
INSERT INTO attempt VALUES(25,5,4,0,1,25,1,'completed','',1795688556243,1795688556531,116,94,56553472,0);
INSERT INTO attempt VALUES(46,10,0,0,1,46,1,'completed','',1795688559123,1795688559843,520,495,79331328,0);
INSERT INTO attempt VALUES(47,10,1,0,1,47,1,'completed','',1795688559323,1795688560272,429,394,79331328,0);
INSERT INTO attempt VALUES(48,10,2,0,1,48,1,'completed','',1795688559843,1795688560727,455,425,79351808,0);
INSERT INTO attempt VALUES(49,10,3,0,1,49,1,'completed','',1795688560272,1795688561174,446,420,79351808,0);
INSERT INTO attempt VALUES(50,10,4,0,1,50,1,'completed','',1795688560727,1795688561675,501,487,79405056,0);
CREATE TABLE result(
  trial_id INTEGER NOT NULL REFERENCES trial(trial_id),
  fold INTEGER NOT NULL, rung INTEGER NOT NULL,
  attempt_id INTEGER NOT NULL REFERENCES attempt(attempt_id),
  fingerprint INTEGER NOT NULL,
  best_step INTEGER NOT NULL, n_train INTEGER NOT NULL, n_valid INTEGER NOT NULL,
  recorded_ms INTEGER NOT NULL,
  PRIMARY KEY(trial_id, fold, rung)) STRICT, WITHOUT ROWID;
INSERT INTO result VALUES(1,0,0,1,332643268198507925,10,573,144,1795688554704);
INSERT INTO result VALUES(1,1,0,2,8643501931301297025,11,574,143,1795688554771);
INSERT INTO result VALUES(1,2,0,3,-3335034921765505196,10,573,144,1795688554845);
INSERT INTO result VALUES(1,3,0,4,-4111847413378638956,10,574,143,1795688554935);
INSERT INTO result VALUES(1,4,0,5,5621610617286160963,10,574,143,1795688555019);
INSERT INTO result VALUES(5,0,0,21,-1259971432063372175,39,573,144,1795688555859);
INSERT INTO result VALUES(5,1,0,22,501752182806569220,82,574,143,1795688556064);
INSERT INTO result VALUES(5,2,0,23,8005517425950123151,46,573,144,1795688556243);
INSERT INTO result VALUES(5,3,0,24,747220594269997872,48,574,143,1795688556415);
INSERT INTO result VALUES(5,4,0,25,-3423518807096878177,30,574,143,1795688556531);
INSERT INTO result VALUES(10,0,0,46,-6917508071334583707,6,573,144,1795688559843);
INSERT INTO result VALUES(10,1,0,47,855751332010246651,8,574,143,1795688560272);
INSERT INTO result VALUES(10,2,0,48,330061524979562604,8,573,144,1795688560727);
INSERT INTO result VALUES(10,3,0,49,2986516655713937598,7,574,143,1795688561174);
INSERT INTO result VALUES(10,4,0,50,-6465203951552483090,8,574,143,1795688561675);
CREATE TABLE metric(metric_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
INSERT INTO metric VALUES(1,'valid/auprc');
INSERT INTO metric VALUES(2,'valid/auroc');
INSERT INTO metric VALUES(3,'valid/brier');
INSERT INTO metric VALUES(4,'valid/ece');
INSERT INTO metric VALUES(5,'valid/logloss');
INSERT INTO metric VALUES(6,'train/loss');
INSERT INTO metric VALUES(7,'inner/loss');
CREATE TABLE fold_metric(
  trial_id INTEGER NOT NULL, fold INTEGER NOT NULL, rung INTEGER NOT NULL,
  metric_id INTEGER NOT NULL REFERENCES metric(metric_id),
  value REAL,
  PRIMARY KEY(trial_id, fold, rung, metric_id),
  FOREIGN KEY(trial_id, fold, rung) REFERENCES result(trial_id, fold, rung)) STRICT, WITHOUT ROWID;
INSERT INTO fold_metric VALUES(1,0,0,1,0.37629022910377213362);
INSERT INTO fold_metric VALUES(1,1,0,1,0.16759843603256127653);
INSERT INTO fold_metric VALUES(1,2,0,1,0.23224591187957274729);
INSERT INTO fold_metric VALUES(1,3,0,1,0.31204465469171349667);
INSERT INTO fold_metric VALUES(1,4,0,1,0.29860237119589305709);
INSERT INTO fold_metric VALUES(5,0,0,1,0.24866002504266801476);
INSERT INTO fold_metric VALUES(5,1,0,1,0.27957921020161186076);
INSERT INTO fold_metric VALUES(5,2,0,1,0.29245385668949280821);
INSERT INTO fold_metric VALUES(5,3,0,1,0.26146618508263935742);
INSERT INTO fold_metric VALUES(5,4,0,1,0.30049743169456549773);
INSERT INTO fold_metric VALUES(10,0,0,1,0.40725469222534310675);
INSERT INTO fold_metric VALUES(10,1,0,1,0.29192195761627481864);
INSERT INTO fold_metric VALUES(10,2,0,1,0.3680120402702371507);
INSERT INTO fold_metric VALUES(10,3,0,1,0.46215334805846158827);
INSERT INTO fold_metric VALUES(10,4,0,1,0.23636125033655155935);
INSERT INTO fold_metric VALUES(1,0,0,2,0.78273634762184385316);
INSERT INTO fold_metric VALUES(1,1,0,2,0.74173027989821882499);
INSERT INTO fold_metric VALUES(1,2,0,2,0.73987081620669403747);
INSERT INTO fold_metric VALUES(1,3,0,2,0.79526627218934908825);
INSERT INTO fold_metric VALUES(1,4,0,2,0.86331360946745561157);
INSERT INTO fold_metric VALUES(5,0,0,2,0.81150910158543743122);
INSERT INTO fold_metric VALUES(5,1,0,2,0.81234096692111956716);
INSERT INTO fold_metric VALUES(5,2,0,2,0.85965942454492072499);
INSERT INTO fold_metric VALUES(5,3,0,2,0.77692307692307693844);
INSERT INTO fold_metric VALUES(5,4,0,2,0.83254437869822484064);
INSERT INTO fold_metric VALUES(10,0,0,2,0.77510275983558429846);
INSERT INTO fold_metric VALUES(10,1,0,2,0.79643765903307883746);
INSERT INTO fold_metric VALUES(10,2,0,2,0.83264826776277156561);
INSERT INTO fold_metric VALUES(10,3,0,2,0.85207100591715978499);
INSERT INTO fold_metric VALUES(10,4,0,2,0.76153846153846149746);
INSERT INTO fold_metric VALUES(1,0,0,3,0.090837617126516403964);
INSERT INTO fold_metric VALUES(1,1,0,3,0.11691802299380923968);
INSERT INTO fold_metric VALUES(1,2,0,3,0.11644027878102448936);
INSERT INTO fold_metric VALUES(1,3,0,3,0.087399543532804047085);
INSERT INTO fold_metric VALUES(1,4,0,3,0.11627587411767535685);
INSERT INTO fold_metric VALUES(5,0,0,3,0.076268735858299505081);
INSERT INTO fold_metric VALUES(5,1,0,3,0.071476668600501697126);
INSERT INTO fold_metric VALUES(5,2,0,3,0.077123937639282644229);
INSERT INTO fold_metric VALUES(5,3,0,3,0.07777436286668559795);
INSERT INTO fold_metric VALUES(5,4,0,3,0.073986099154370585373);
INSERT INTO fold_metric VALUES(10,0,0,3,0.079318126001275690573);
INSERT INTO fold_metric VALUES(10,1,0,3,0.072468410341171213273);
INSERT INTO fold_metric VALUES(10,2,0,3,0.073937818102685154419);
INSERT INTO fold_metric VALUES(10,3,0,3,0.06964605816756330725);
INSERT INTO fold_metric VALUES(10,4,0,3,0.088877113968795176668);
INSERT INTO fold_metric VALUES(1,0,0,4,0.076492402750995155957);
INSERT INTO fold_metric VALUES(1,1,0,4,0.11848712750770712398);
INSERT INTO fold_metric VALUES(1,2,0,4,0.11510981934224068234);
INSERT INTO fold_metric VALUES(1,3,0,4,0.085343636145538553927);
INSERT INTO fold_metric VALUES(1,4,0,4,0.12043266011638502355);
INSERT INTO fold_metric VALUES(5,0,0,4,0.054730168576093599086);
INSERT INTO fold_metric VALUES(5,1,0,4,0.048850791398566087431);
INSERT INTO fold_metric VALUES(5,2,0,4,0.044742045038017548563);
INSERT INTO fold_metric VALUES(5,3,0,4,0.038385523229160091462);
INSERT INTO fold_metric VALUES(5,4,0,4,0.027838770938398954557);
INSERT INTO fold_metric VALUES(10,0,0,4,0.090421856810280587524);
INSERT INTO fold_metric VALUES(10,1,0,4,0.048135584537684752981);
INSERT INTO fold_metric VALUES(10,2,0,4,0.05773115553509140102);
INSERT INTO fold_metric VALUES(10,3,0,4,0.025837623916804088042);
INSERT INTO fold_metric VALUES(10,4,0,4,0.060161315492058005383);
INSERT INTO fold_metric VALUES(1,0,0,5,0.502319115706630126);
INSERT INTO fold_metric VALUES(1,1,0,5,0.70126276215021532411);
INSERT INTO fold_metric VALUES(1,2,0,5,0.67549004877974894167);
INSERT INTO fold_metric VALUES(1,3,0,5,0.48351830469450463034);
INSERT INTO fold_metric VALUES(1,4,0,5,0.52192820298397635259);
INSERT INTO fold_metric VALUES(5,0,0,5,0.25910162811896575441);
INSERT INTO fold_metric VALUES(5,1,0,5,0.25875870105643167251);
INSERT INTO fold_metric VALUES(5,2,0,5,0.25630029798425874032);
INSERT INTO fold_metric VALUES(5,3,0,5,0.27499249317147628213);
INSERT INTO fold_metric VALUES(5,4,0,5,0.25345457645674346336);
INSERT INTO fold_metric VALUES(10,0,0,5,0.27174567368404506373);
INSERT INTO fold_metric VALUES(10,1,0,5,0.26019576590645826508);
INSERT INTO fold_metric VALUES(10,2,0,5,0.26507505889754934269);
INSERT INTO fold_metric VALUES(10,3,0,5,0.23420821952110154606);
INSERT INTO fold_metric VALUES(10,4,0,5,0.29670525848377515831);
CREATE TABLE curve_point(
  trial_id INTEGER NOT NULL, fold INTEGER NOT NULL, rung INTEGER NOT NULL,
  metric_id INTEGER NOT NULL REFERENCES metric(metric_id),
  step INTEGER NOT NULL, value REAL,
  PRIMARY KEY(trial_id, fold, rung, metric_id, step),
  FOREIGN KEY(trial_id, fold, rung) REFERENCES result(trial_id, fold, rung)) STRICT, WITHOUT ROWID;
INSERT INTO curve_point VALUES(1,0,0,6,1,0.30023024002420251044);
INSERT INTO curve_point VALUES(1,0,0,6,2,0.16302138013318140385);
INSERT INTO curve_point VALUES(1,0,0,6,3,0.079329604669186051801);
INSERT INTO curve_point VALUES(1,1,0,6,1,0.30390613109139158476);
INSERT INTO curve_point VALUES(1,1,0,6,2,0.15432560074193607535);
INSERT INTO curve_point VALUES(1,1,0,6,3,0.072546784453778934143);
INSERT INTO curve_point VALUES(1,2,0,6,1,0.30023024002420251044);
INSERT INTO curve_point VALUES(1,2,0,6,2,0.15155811363668383884);
INSERT INTO curve_point VALUES(1,2,0,6,3,0.069173530427657392571);
INSERT INTO curve_point VALUES(1,3,0,6,1,0.29986944340163101951);
INSERT INTO curve_point VALUES(1,3,0,6,2,0.15988315883469086942);
INSERT INTO curve_point VALUES(1,3,0,6,3,0.076441300377384516218);
INSERT INTO curve_point VALUES(1,4,0,6,1,0.29986944340163024236);
INSERT INTO curve_point VALUES(1,4,0,6,2,0.16015676403315154407);
INSERT INTO curve_point VALUES(1,4,0,6,3,0.086834575123275720143);
INSERT INTO curve_point VALUES(5,0,0,6,1,0.29111781826220228808);
INSERT INTO curve_point VALUES(5,0,0,6,2,0.28162017676420053602);
INSERT INTO curve_point VALUES(5,0,0,6,3,0.27184669265353123002);
INSERT INTO curve_point VALUES(5,0,0,7,1,0.28848391533898076755);
INSERT INTO curve_point VALUES(5,0,0,7,2,0.28706765715185644793);
INSERT INTO curve_point VALUES(5,0,0,7,3,0.28549833445696715106);
INSERT INTO curve_point VALUES(5,1,0,6,1,0.28829244648057422706);
INSERT INTO curve_point VALUES(5,1,0,6,2,0.27967596772423264361);
INSERT INTO curve_point VALUES(5,1,0,6,3,0.26972776516704882743);
INSERT INTO curve_point VALUES(5,1,0,7,1,0.31233556789499722361);
INSERT INTO curve_point VALUES(5,1,0,7,2,0.30889110346670201057);
INSERT INTO curve_point VALUES(5,1,0,7,3,0.30725265545637459041);
INSERT INTO curve_point VALUES(5,2,0,6,1,0.28399417806276650022);
INSERT INTO curve_point VALUES(5,2,0,6,2,0.27279940727911561326);
INSERT INTO curve_point VALUES(5,2,0,6,3,0.26419199609308180454);
INSERT INTO curve_point VALUES(5,2,0,7,1,0.31954108264320157939);
INSERT INTO curve_point VALUES(5,2,0,7,2,0.32082881337768726082);
INSERT INTO curve_point VALUES(5,2,0,7,3,0.31701428866864955757);
INSERT INTO curve_point VALUES(5,3,0,6,1,0.28693591250005451298);
INSERT INTO curve_point VALUES(5,3,0,6,2,0.27806872333426085885);
INSERT INTO curve_point VALUES(5,3,0,6,3,0.26859014695309119113);
INSERT INTO curve_point VALUES(5,3,0,7,1,0.31284372606179655651);
INSERT INTO curve_point VALUES(5,3,0,7,2,0.30976645543322878229);
INSERT INTO curve_point VALUES(5,3,0,7,3,0.30427995441780969487);
INSERT INTO curve_point VALUES(5,4,0,6,1,0.28619872231068821388);
INSERT INTO curve_point VALUES(5,4,0,6,2,0.27548919827890089306);
INSERT INTO curve_point VALUES(5,4,0,6,3,0.26657727834182620707);
INSERT INTO curve_point VALUES(5,4,0,7,1,0.31871760608289723126);
INSERT INTO curve_point VALUES(5,4,0,7,2,0.31499006695090503438);
INSERT INTO curve_point VALUES(5,4,0,7,3,0.31397499839108733432);
INSERT INTO curve_point VALUES(10,0,0,6,1,0.30746254776265447006);
INSERT INTO curve_point VALUES(10,0,0,6,2,0.25004675011517030203);
INSERT INTO curve_point VALUES(10,0,0,6,3,0.22180310454563195721);
INSERT INTO curve_point VALUES(10,0,0,7,1,0.3247341801083776791);
INSERT INTO curve_point VALUES(10,0,0,7,2,0.31114093006771342819);
INSERT INTO curve_point VALUES(10,0,0,7,3,0.30271849534065015108);
INSERT INTO curve_point VALUES(10,1,0,6,1,0.35507470042214839267);
INSERT INTO curve_point VALUES(10,1,0,6,2,0.27882108286843471089);
INSERT INTO curve_point VALUES(10,1,0,6,3,0.25274747725001878162);
INSERT INTO curve_point VALUES(10,1,0,7,1,0.28191292251023075676);
INSERT INTO curve_point VALUES(10,1,0,7,2,0.29990719929102177543);
INSERT INTO curve_point VALUES(10,1,0,7,3,0.29536130863390208656);
INSERT INTO curve_point VALUES(10,2,0,6,1,0.32444972299531460446);
INSERT INTO curve_point VALUES(10,2,0,6,2,0.25467234351161938121);
INSERT INTO curve_point VALUES(10,2,0,6,3,0.23042928770416284955);
INSERT INTO curve_point VALUES(10,2,0,7,1,0.2850830687483797976);
INSERT INTO curve_point VALUES(10,2,0,7,2,0.2699792684955001909);
INSERT INTO curve_point VALUES(10,2,0,7,3,0.26313318486402603735);
INSERT INTO curve_point VALUES(10,3,0,6,1,0.34806213428088716987);
INSERT INTO curve_point VALUES(10,3,0,6,2,0.29762987671359725228);
INSERT INTO curve_point VALUES(10,3,0,6,3,0.26653240843659620207);
INSERT INTO curve_point VALUES(10,3,0,7,1,0.26424116007773207348);
INSERT INTO curve_point VALUES(10,3,0,7,2,0.25923208906745237589);
INSERT INTO curve_point VALUES(10,3,0,7,3,0.25973224219115220723);
INSERT INTO curve_point VALUES(10,4,0,6,1,0.3126096859827290908);
INSERT INTO curve_point VALUES(10,4,0,6,2,0.27744968131052666349);
INSERT INTO curve_point VALUES(10,4,0,6,3,0.24769278809066300195);
INSERT INTO curve_point VALUES(10,4,0,7,1,0.34000485965268179011);
INSERT INTO curve_point VALUES(10,4,0,7,2,0.34192235879910914952);
INSERT INTO curve_point VALUES(10,4,0,7,3,0.3327751455505778555);
CREATE TABLE artifact(
  trial_id INTEGER NOT NULL, fold INTEGER NOT NULL, rung INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK(kind IN('predictions','model','checkpoint')),
  sha256 TEXT NOT NULL CHECK(length(sha256) = 64), bytes INTEGER NOT NULL,
  PRIMARY KEY(trial_id, fold, rung, kind),
  FOREIGN KEY(trial_id, fold, rung) REFERENCES result(trial_id, fold, rung)) STRICT, WITHOUT ROWID;
INSERT INTO artifact VALUES(1,0,0,'predictions','9858ceb5f338d0f10cf6d2afd50930cd92a54ac0c3065e45cac07308910c0172',2415);
INSERT INTO artifact VALUES(1,1,0,'predictions','b0f15225125a829b6c57218e428577956492cbef315ab51b52fbf23e90d866df',2412);
INSERT INTO artifact VALUES(1,2,0,'predictions','088552bbc9872bc8e5d1db9550f241722270b877f3a69d4e70324ec3d74219e3',2432);
INSERT INTO artifact VALUES(1,3,0,'predictions','a7e2142caf8702532f4a13434a5a25538a6372ec0c2144dc549c38a7f1e38720',2400);
INSERT INTO artifact VALUES(1,4,0,'predictions','905602fbd6038a7fc40afc3ba48794e822154a103f55181a93fc554687c1dd08',2383);
INSERT INTO artifact VALUES(5,0,0,'model','9eb7c7721a2f76ea5c07b28088522ecee44cc6a66944f8e528aa7077c6a58f03',66621);
INSERT INTO artifact VALUES(5,0,0,'predictions','311c040923a91c07a0a51fe7334c6c401adca00ad3783e7364c9dca7134b3b3c',2220);
INSERT INTO artifact VALUES(5,1,0,'model','6e7cd857759e32159675409c8f0aad984520178bd2ddd095013a6406d0f58835',138478);
INSERT INTO artifact VALUES(5,1,0,'predictions','8ae1e5785f5c5ca57d23c2b1623ccbc6f77a3a88fe24a4cc4d6cbcf049ecf669',2246);
INSERT INTO artifact VALUES(5,2,0,'model','6e622669f2c65d4248f9885b149ab2d0503415696c4e0ccec811c83e911e55cd',80241);
INSERT INTO artifact VALUES(5,2,0,'predictions','165fd0dea2d1f3d0462b15159f67f8d30c34a45e506792e65c1c85b47d4017ee',2230);
INSERT INTO artifact VALUES(5,3,0,'model','4ed889389c1df0d55ce9fc95d491bd5208ff96af502665120cd3daba7364f19c',87183);
INSERT INTO artifact VALUES(5,3,0,'predictions','b046dca9574eb83ad73623ede9d14579ad65471d3edbfdb7605dfd38095d429d',2218);
INSERT INTO artifact VALUES(5,4,0,'model','592884e18bc446a42369643a3ecde671cba669a1e8a4694426c15afbbd92a3f0',53879);
INSERT INTO artifact VALUES(5,4,0,'predictions','f11126a919a200577a27bbad1684f43ea364ce391950162d963fcff97722ca7a',2196);
INSERT INTO artifact VALUES(10,0,0,'predictions','c4e446d6e72701cd354f062de46e91a53771796df860e13774eff7cc9fd22f4e',2223);
INSERT INTO artifact VALUES(10,1,0,'predictions','e1bc067376b9d6128a4609586aabd647c7d9a1b7f29278267b7f31fd2ba0a08f',2264);
INSERT INTO artifact VALUES(10,2,0,'predictions','a693ca858fc1b7edaaa0934dffa10a1d76a41128774d78099faf23ece245709f',2294);
INSERT INTO artifact VALUES(10,3,0,'predictions','71b046e51a1eface0b51b3af9c6baa27b00b4c076ed51f67c8a315609c9e0f1b',2226);
INSERT INTO artifact VALUES(10,4,0,'predictions','fb708edc041a3ada6d9d6a8037c6c27a40db33c929ffde2449eb1ccd29b6098f',2232);
CREATE TABLE quarantine(
  trial_id INTEGER NOT NULL REFERENCES trial(trial_id),
  fold INTEGER NOT NULL, rung INTEGER NOT NULL,
  reason TEXT NOT NULL, at_ms INTEGER NOT NULL, lifted_after INTEGER CHECK(lifted_after >= 0),
  PRIMARY KEY(trial_id, fold, rung)) STRICT, WITHOUT ROWID;
CREATE TABLE event(
  event_id INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms INTEGER NOT NULL,
  severity TEXT NOT NULL CHECK(severity IN('info','warning','error')),
  kind TEXT NOT NULL, subject TEXT NOT NULL, message TEXT NOT NULL) STRICT;
INSERT INTO event VALUES(1,1795688554550,'info','worker-joined','9aa601709a9c1f975170e23ec9d10a18','w0');
INSERT INTO event VALUES(2,1795688561679,'info','sweep-finished','1','');
INSERT INTO event VALUES(3,1795688561680,'info','worker-left','9aa601709a9c1f975170e23ec9d10a18','goodbye');
CREATE TABLE trial_metric(
  trial_id INTEGER NOT NULL REFERENCES trial(trial_id),
  metric_id INTEGER NOT NULL REFERENCES metric(metric_id),
  folds INTEGER NOT NULL, mean REAL, sd REAL,
  PRIMARY KEY(trial_id, metric_id)) STRICT, WITHOUT ROWID;
INSERT INTO trial_metric VALUES(1,1,5,0.27735632058070247563,0.079881686949290112154);
INSERT INTO trial_metric VALUES(1,2,5,0.78458346507671239411,0.050377540371183693324);
INSERT INTO trial_metric VALUES(1,3,5,0.10557426731036589906,0.015072863277892929734);
INSERT INTO trial_metric VALUES(1,4,5,0.10317312917257330517,0.020643682505791502435);
INSERT INTO trial_metric VALUES(1,5,5,0.57690368686301507494,0.10306604926858774218);
INSERT INTO trial_metric VALUES(5,1,5,0.27653134174219551333,0.021453197266026746009);
INSERT INTO trial_metric VALUES(5,2,5,0.8185953897345559227,0.030441518472042156107);
INSERT INTO trial_metric VALUES(5,3,5,0.075325960823828003176,0.0025849805546582934299);
INSERT INTO trial_metric VALUES(5,4,5,0.04290945983604725622,0.010319624637651609797);
INSERT INTO trial_metric VALUES(5,5,5,0.26052153935757516034,0.0084007900589631607363);
INSERT INTO trial_metric VALUES(10,1,5,0.3531406577013736503,0.09002556947258030795);
INSERT INTO trial_metric VALUES(10,2,5,0.803559630817411219,0.038163454276148811583);
INSERT INTO trial_metric VALUES(10,3,5,0.076849505316298111212,0.0075881325835072286831);
INSERT INTO trial_metric VALUES(10,4,5,0.056457507258383762827,0.023322462720890255877);
INSERT INTO trial_metric VALUES(10,5,5,0.26558599529858584187,0.022473487828156054474);
CREATE TABLE student_t(df INTEGER PRIMARY KEY, t975 REAL NOT NULL) STRICT;
INSERT INTO student_t VALUES(1,12.705999999999999516);
INSERT INTO student_t VALUES(2,4.302999999999999936);
INSERT INTO student_t VALUES(3,3.1819999999999999396);
INSERT INTO student_t VALUES(4,2.775999999999999801);
INSERT INTO student_t VALUES(5,2.571000000000000174);
INSERT INTO student_t VALUES(6,2.4470000000000000639);
INSERT INTO student_t VALUES(7,2.3650000000000002131);
INSERT INTO student_t VALUES(8,2.3060000000000000497);
INSERT INTO student_t VALUES(9,2.2620000000000000106);
INSERT INTO student_t VALUES(10,2.2280000000000002025);
INSERT INTO student_t VALUES(11,2.2010000000000000675);
INSERT INTO student_t VALUES(12,2.1789999999999998259);
INSERT INTO student_t VALUES(13,2.1600000000000001421);
INSERT INTO student_t VALUES(14,2.1450000000000000177);
INSERT INTO student_t VALUES(15,2.1309999999999997832);
INSERT INTO student_t VALUES(16,2.1200000000000001065);
INSERT INTO student_t VALUES(17,2.1099999999999998756);
INSERT INTO student_t VALUES(18,2.1009999999999999786);
INSERT INTO student_t VALUES(19,2.0929999999999999715);
INSERT INTO student_t VALUES(20,2.0859999999999998543);
INSERT INTO student_t VALUES(21,2.080000000000000071);
INSERT INTO student_t VALUES(22,2.0739999999999998436);
INSERT INTO student_t VALUES(23,2.0689999999999999502);
INSERT INTO student_t VALUES(24,2.0640000000000000568);
INSERT INTO student_t VALUES(25,2.0600000000000000532);
INSERT INTO student_t VALUES(26,2.0560000000000000497);
INSERT INTO student_t VALUES(27,2.0520000000000000461);
INSERT INTO student_t VALUES(28,2.0480000000000000426);
INSERT INTO student_t VALUES(29,2.0449999999999999289);
INSERT INTO student_t VALUES(30,2.0419999999999998152);
INSERT INTO student_t VALUES(40,2.0209999999999999076);
INSERT INTO student_t VALUES(60,2.0);
INSERT INTO student_t VALUES(120,1.9799999999999999822);
INSERT INTO student_t VALUES(1000,1.9619999999999999662);
CREATE TABLE tag(
  tag_id INTEGER PRIMARY KEY,
  sweep_id INTEGER NOT NULL REFERENCES sweep(sweep_id),
  trial_id INTEGER REFERENCES trial(trial_id),
  name TEXT NOT NULL CHECK(length(name) BETWEEN 1 AND 100), value TEXT NOT NULL CHECK(length(value) <= 1000),
  set_ms INTEGER NOT NULL) STRICT;
CREATE TABLE note(
  note_id INTEGER PRIMARY KEY,
  sweep_id INTEGER NOT NULL REFERENCES sweep(sweep_id),
  trial_id INTEGER REFERENCES trial(trial_id),
  author TEXT NOT NULL, text TEXT NOT NULL CHECK(length(text) BETWEEN 1 AND 10000),
  at_ms INTEGER NOT NULL) STRICT;
CREATE TABLE request(
  request_id INTEGER PRIMARY KEY,
  token TEXT NOT NULL UNIQUE CHECK(length(token) = 32),
  sweep_id INTEGER NOT NULL REFERENCES sweep(sweep_id),
  effect TEXT NOT NULL CHECK(effect IN('trial-added','trial-stopped','trial-retried','sweep-stopped','refused')),
  trial INTEGER, note TEXT NOT NULL, taken_ms INTEGER NOT NULL) STRICT;
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('event',3);
CREATE INDEX trial_param_name ON trial_param(name, value);
CREATE INDEX attempt_task ON attempt(trial_id, fold, rung, cpu_ms);
CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT raise(ABORT, 'event is append-only'); END;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT raise(ABORT, 'event is append-only'); END;
CREATE VIEW v_sweep AS
  SELECT s.sweep_id, s.name, s.outcome, s.state, s.metric, s.direction, d.name AS dataset, d.n_rows, d.n_patients,
    s.cv_scheme || ' ' || s.n_folds || 'x' || s.n_repeats AS cv, s.sampler,
    (SELECT count(*) FROM trial t WHERE t.sweep_id = s.sweep_id) AS trials,
    (SELECT count(*) FROM trial t WHERE t.sweep_id = s.sweep_id AND t.state = 'completed') AS completed,
    (SELECT count(*) FROM trial t WHERE t.sweep_id = s.sweep_id AND t.state = 'failed') AS failed,
    (SELECT count(*) FROM result r JOIN trial t ON t.trial_id = r.trial_id WHERE t.sweep_id = s.sweep_id) AS folds,
    (SELECT CASE s.direction WHEN 'maximize' THEN max(t.objective) ELSE min(t.objective) END
      FROM trial t WHERE t.sweep_id = s.sweep_id AND t.state = 'completed') AS best,
    s.created_at
  FROM sweep s JOIN dataset d ON d.dataset_id = s.dataset_id;
CREATE VIEW v_fold AS
  SELECT t.sweep_id, s.name AS sweep, t.number AS trial, t.learner, m.fold, m.rung, n.name AS metric, m.value,
    r.best_step, r.n_train, r.n_valid, t.trial_id
  FROM fold_metric m JOIN metric n ON n.metric_id = m.metric_id
    JOIN result r ON r.trial_id = m.trial_id AND r.fold = m.fold AND r.rung = m.rung
    JOIN trial t ON t.trial_id = m.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id;
CREATE VIEW v_metric AS
  SELECT trial_id, metric, count(value) AS folds, avg(value) AS mean,
    sqrt(max(0, sum((value - average) * (value - average))) / nullif(count(value) - 1, 0)) AS sd
  FROM (SELECT trial_id, metric, value, avg(value) OVER (PARTITION BY trial_id, metric) AS average FROM v_fold)
  GROUP BY trial_id, metric;
CREATE VIEW v_leaderboard AS
  SELECT s.name AS sweep, row_number() OVER (PARTITION BY t.sweep_id ORDER BY
      t.objective IS NULL, CASE s.direction WHEN 'maximize' THEN -t.objective ELSE t.objective END, t.number) AS rank,
    t.number AS trial, t.learner, s.metric, t.objective, t.objective_sd AS sd, t.ci_low, t.ci_high,
    t.folds_done AS folds, t.params, t.reason, t.sweep_id, t.trial_id
  FROM trial t JOIN sweep s ON s.sweep_id = t.sweep_id WHERE t.state = 'completed';
CREATE VIEW v_curve AS
  SELECT s.name AS sweep, t.number AS trial, t.learner, c.fold, c.rung, n.name AS metric, c.step, c.value
  FROM curve_point c JOIN metric n ON n.metric_id = c.metric_id
    JOIN trial t ON t.trial_id = c.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id;
CREATE VIEW v_worker AS
  SELECT w.worker_id, w.name, w.host, w.pid, w.machine, w.joined_ms, w.left_ms, w.left_reason,
    count(a.attempt_id) AS attempts, sum(a.state = 'completed') AS completed,
    sum(a.state IN('failed','crashed','lost')) AS ended_badly
  FROM worker w LEFT JOIN attempt a ON a.worker_id = w.worker_id GROUP BY w.worker_id;
CREATE VIEW v_attempt AS
  SELECT s.name AS sweep, t.number AS trial, t.learner, a.fold, a.rung, a.epoch, a.number, a.state, w.name AS worker,
    w.host, a.started_ms, a.ended_ms, (a.ended_ms - a.started_ms) / 1000.0 AS seconds, a.wall_ms, a.cpu_ms,
    a.rss_peak_bytes, a.message, a.resumed_step
  FROM attempt a JOIN trial t ON t.trial_id = a.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id
    LEFT JOIN worker w ON w.worker_id = a.worker_id;
CREATE UNIQUE INDEX tag_name ON tag(sweep_id, ifnull(trial_id, 0), name);
CREATE INDEX note_sweep ON note(sweep_id, trial_id);
CREATE INDEX trial_board ON trial(sweep_id, state, objective);
CREATE INDEX attempt_worker ON attempt(worker_id, started_ms, ended_ms, state);
CREATE INDEX fold_metric_score ON fold_metric(metric_id, trial_id, fold, rung, value);
CREATE INDEX attempt_bad ON attempt(state, trial_id) WHERE state <> 'completed';
CREATE INDEX artifact_sha256 ON artifact(sha256);
CREATE VIEW sweeps AS
  SELECT s.name AS sweep, s.outcome, s.state, s.metric, s.direction, d.name AS dataset, d.n_rows, d.n_patients,
    s.cv_scheme, s.n_folds, s.n_repeats, s.sampler, c.trials, c.completed, c.pruned, c.failed, c.running,
    CASE s.direction WHEN 'maximize' THEN c.highest ELSE c.lowest END AS best,
    s.created_at AS created, strftime('%Y-%m-%dT%H:%M:%SZ', s.finished_ms / 1000, 'unixepoch') AS finished,
    (s.finished_ms - s.created_ms) / 1000.0 AS seconds, s.sweep_id
  FROM sweep s JOIN dataset d ON d.dataset_id = s.dataset_id
    LEFT JOIN (SELECT sweep_id, count(*) AS trials, sum(state = 'completed') AS completed, sum(state = 'pruned') AS pruned,
      sum(state = 'failed') AS failed, sum(state = 'running') AS running,
      max(objective) FILTER (WHERE state = 'completed') AS highest,
      min(objective) FILTER (WHERE state = 'completed') AS lowest
      FROM trial GROUP BY sweep_id) c ON c.sweep_id = s.sweep_id;
CREATE VIEW leaderboard AS
  SELECT b.sweep, b.rank, b.trial, b.learner, b.metric, b.objective, b.sd, b.ci_low, b.ci_high, b.folds,
    (SELECT sum(a.cpu_ms) / 1000.0 FROM attempt a WHERE a.trial_id = b.trial_id) AS cpu_seconds,
    b.params, b.sweep_id, b.trial_id
  FROM (SELECT s.name AS sweep, rank() OVER (PARTITION BY t.sweep_id ORDER BY
      t.objective IS NULL, CASE s.direction WHEN 'maximize' THEN -t.objective ELSE t.objective END) AS rank,
      t.number AS trial, t.learner, s.metric, t.objective, t.objective_sd AS sd, t.ci_low, t.ci_high,
      t.folds_done AS folds, t.params, t.sweep_id, t.trial_id
    FROM trial t JOIN sweep s ON s.sweep_id = t.sweep_id WHERE t.state = 'completed') b;
CREATE VIEW trials AS
  SELECT s.name AS sweep, t.number AS trial, t.learner, t.state, s.metric, t.objective, t.objective_sd AS sd, t.ci_low,
    t.ci_high, t.folds_done AS folds, t.reason,
    strftime('%Y-%m-%dT%H:%M:%SZ', t.created_ms / 1000, 'unixepoch') AS created,
    strftime('%Y-%m-%dT%H:%M:%SZ', t.finished_ms / 1000, 'unixepoch') AS finished,
    (t.finished_ms - t.created_ms) / 1000.0 AS seconds, t.params, t.sweep_id, t.trial_id
  FROM trial t JOIN sweep s ON s.sweep_id = t.sweep_id;
CREATE VIEW trial_metrics AS
  SELECT s.name AS sweep, t.number AS trial, t.learner, n.name AS metric, m.mean, m.sd, m.folds, m.trial_id
  FROM trial_metric m JOIN metric n ON n.metric_id = m.metric_id
    JOIN trial t ON t.trial_id = m.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id;
CREATE VIEW fold_results AS
  SELECT s.name AS sweep, t.number AS trial, t.learner, r.fold, r.rung, s.metric, m.value, r.best_step, r.n_train,
    r.n_valid, a.wall_ms / 1000.0 AS wall_seconds, a.cpu_ms / 1000.0 AS cpu_seconds,
    a.rss_peak_bytes / 1048576.0 AS rss_peak_mib, a.resumed_step, w.name AS worker, w.host,
    strftime('%Y-%m-%dT%H:%M:%SZ', r.recorded_ms / 1000, 'unixepoch') AS recorded, t.sweep_id, t.trial_id
  FROM result r JOIN trial t ON t.trial_id = r.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id
    LEFT JOIN attempt a ON a.attempt_id = r.attempt_id LEFT JOIN worker w ON w.worker_id = a.worker_id
    LEFT JOIN metric n ON n.name = s.metric
    LEFT JOIN fold_metric m ON m.trial_id = r.trial_id AND m.fold = r.fold AND m.rung = r.rung
      AND m.metric_id = n.metric_id;
CREATE VIEW fold_metrics AS
  SELECT s.name AS sweep, t.number AS trial, t.learner, m.fold, m.rung, n.name AS metric, m.value, m.trial_id
  FROM fold_metric m JOIN metric n ON n.metric_id = m.metric_id
    JOIN trial t ON t.trial_id = m.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id;
CREATE VIEW fold_differences AS
  SELECT s.name AS sweep, a.number AS trial_a, b.number AS trial_b, n.name AS metric, x.fold, x.rung, x.value AS value_a,
    y.value AS value_b, x.value - y.value AS difference, r.n_train, r.n_valid
  FROM sweep s JOIN trial a ON a.sweep_id = s.sweep_id JOIN trial b ON b.sweep_id = s.sweep_id
    JOIN fold_metric x ON x.trial_id = a.trial_id JOIN metric n ON n.metric_id = x.metric_id
    JOIN fold_metric y ON y.trial_id = b.trial_id AND y.fold = x.fold AND y.rung = x.rung AND y.metric_id = x.metric_id
    JOIN result r ON r.trial_id = x.trial_id AND r.fold = x.fold AND r.rung = x.rung;
CREATE VIEW learning_curves AS
  SELECT s.name AS sweep, t.number AS trial, t.learner, t.state, c.fold, c.rung, n.name AS metric, c.step, c.value, c.trial_id
  FROM curve_point c JOIN metric n ON n.metric_id = c.metric_id
    JOIN trial t ON t.trial_id = c.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id;
CREATE VIEW attempts AS
  SELECT s.name AS sweep, t.number AS trial, t.learner, a.fold, a.rung, a.state, a.message, w.name AS worker, w.host,
    a.started_ms, a.ended_ms, (a.ended_ms - a.started_ms) / 1000.0 AS seconds, a.wall_ms / 1000.0 AS wall_seconds,
    a.cpu_ms / 1000.0 AS cpu_seconds, a.rss_peak_bytes / 1048576.0 AS rss_peak_mib, a.resumed_step, a.epoch, a.number,
    a.trial_id, a.attempt_id
  FROM attempt a JOIN trial t ON t.trial_id = a.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id
    LEFT JOIN worker w ON w.worker_id = a.worker_id;
CREATE VIEW worker_timeline AS
  SELECT w.name AS worker, w.host, strftime('%Y-%m-%dT%H:%M:%fZ', a.started_ms / 1000.0, 'unixepoch') AS started,
    strftime('%Y-%m-%dT%H:%M:%fZ', a.ended_ms / 1000.0, 'unixepoch') AS ended,
    (a.ended_ms - a.started_ms) / 1000.0 AS seconds, a.state, s.name AS sweep, t.number AS trial, a.fold, a.rung,
    a.started_ms, a.ended_ms, w.worker_id
  FROM attempt a JOIN worker w ON w.worker_id = a.worker_id JOIN trial t ON t.trial_id = a.trial_id
    JOIN sweep s ON s.sweep_id = t.sweep_id;
CREATE VIEW workers AS
  SELECT w.name AS worker, w.host, w.machine, w.code_version, w.joined_ms, w.left_ms, w.left_reason,
    coalesce(a.attempts, 0) AS attempts, coalesce(a.completed, 0) AS completed, coalesce(a.ended_badly, 0) AS ended_badly,
    a.busy_ms / 1000.0 AS busy_seconds,
    100.0 * a.busy_ms / nullif(coalesce(w.left_ms, a.last_ms) - w.joined_ms, 0) AS busy_percent, w.worker_id
  FROM worker w LEFT JOIN (SELECT worker_id, count(*) AS attempts, sum(state = 'completed') AS completed,
      sum(state IN('failed', 'crashed', 'lost')) AS ended_badly, sum(ended_ms - started_ms) AS busy_ms,
      max(ended_ms) AS last_ms FROM attempt GROUP BY worker_id) a ON a.worker_id = w.worker_id;
CREATE VIEW lineage AS
  SELECT s.name AS sweep, t.number AS trial, r.fold, r.rung, d.name AS dataset, d.digest AS dataset_sha256,
    s.spec_digest AS spec_sha256, s.seed, s.cv_scheme, s.n_folds, s.n_repeats, s.cv_seed,
    s.code_version AS coordinator_version, w.code_version AS worker_version, w.machine, w.host,
    f.kind AS artifact, f.sha256 AS artifact_sha256, f.bytes AS artifact_bytes, t.trial_id
  FROM result r JOIN trial t ON t.trial_id = r.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id
    JOIN dataset d ON d.dataset_id = s.dataset_id JOIN attempt a ON a.attempt_id = r.attempt_id
    LEFT JOIN worker w ON w.worker_id = a.worker_id
    LEFT JOIN artifact f ON f.trial_id = r.trial_id AND f.fold = r.fold AND f.rung = r.rung;
CREATE VIEW events AS
  SELECT e.event_id, strftime('%Y-%m-%dT%H:%M:%fZ', e.at_ms / 1000.0, 'unixepoch') AS at, e.severity, e.kind, e.subject,
    e.message FROM event e;
CREATE VIEW tags AS
  SELECT s.name AS sweep, t.number AS trial, g.name, g.value, g.set_ms
  FROM tag g JOIN sweep s ON s.sweep_id = g.sweep_id LEFT JOIN trial t ON t.trial_id = g.trial_id;
CREATE VIEW notes AS
  SELECT s.name AS sweep, t.number AS trial, g.author, g.text,
    strftime('%Y-%m-%dT%H:%M:%SZ', g.at_ms / 1000, 'unixepoch') AS at
  FROM note g JOIN sweep s ON s.sweep_id = g.sweep_id LEFT JOIN trial t ON t.trial_id = g.trial_id;
CREATE VIEW trial_parameters AS
  SELECT s.name AS sweep, t.number AS trial, t.learner, t.state, t.objective,
    t.params ->> '$.attention' AS attention, t.params ->> '$.batch' AS batch,
    t.params ->> '$.bidirectional' AS bidirectional, t.params ->> '$.bins' AS bins,
    t.params ->> '$.bins_from' AS bins_from, t.params ->> '$.column_sample' AS column_sample,
    t.params ->> '$.decay' AS decay, t.params ->> '$.drop_rate' AS drop_rate, t.params ->> '$.drop_skip' AS drop_skip,
    t.params ->> '$.dropout' AS dropout, t.params ->> '$.epochs' AS epochs,
    t.params ->> '$.focal_gamma' AS focal_gamma, t.params ->> '$.goss_rest' AS goss_rest,
    t.params ->> '$.goss_top' AS goss_top, t.params ->> '$.gradient_clip' AS gradient_clip,
    t.params ->> '$.growth' AS growth, t.params ->> '$.hidden' AS hidden, t.params ->> '$.imbalance' AS imbalance,
    t.params ->> '$.imbalance_ratio' AS imbalance_ratio, t.params ->> '$.iterations' AS iterations,
    t.params ->> '$.l1' AS l1, t.params ->> '$.l2' AS l2, t.params ->> '$.layer_norm' AS layer_norm,
    t.params ->> '$.layers' AS layers, t.params ->> '$.learning_rate' AS learning_rate,
    t.params ->> '$.leaves' AS leaves, t.params ->> '$.loss' AS loss, t.params ->> '$.max_depth' AS max_depth,
    t.params ->> '$.mean_decay' AS mean_decay, t.params ->> '$.min_gain' AS min_gain,
    t.params ->> '$.min_hessian' AS min_hessian, t.params ->> '$.min_leaf' AS min_leaf,
    t.params ->> '$.patience' AS patience, t.params ->> '$.positive_weight' AS positive_weight,
    t.params ->> '$.quantile' AS quantile, t.params ->> '$.rate_schedule' AS rate_schedule,
    t.params ->> '$.sampling' AS sampling, t.params ->> '$.schedule' AS schedule,
    t.params ->> '$.smote_neighbours' AS smote_neighbours, t.params ->> '$.stop_metric' AS stop_metric,
    t.params ->> '$.stop_on' AS stop_on,
    t.params ->> '$.subsample' AS subsample, t.params ->> '$.time_encoding' AS time_encoding,
    t.params ->> '$.tolerance' AS tolerance, t.params ->> '$.trees' AS trees,
    t.params ->> '$.tweedie_power' AS tweedie_power, t.params ->> '$.variational_dropout' AS variational_dropout,
    t.params ->> '$.warmup' AS warmup, t.params ->> '$.weight_decay' AS weight_decay,
    t.sweep_id, t.trial_id
  FROM trial t JOIN sweep s ON s.sweep_id = t.sweep_id;
CREATE INDEX request_sweep ON request(sweep_id);
PRAGMA application_id = 1297437524;
PRAGMA user_version = 6;
COMMIT;
